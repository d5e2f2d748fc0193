//! A deployment whose operator wrote rules: who may sign in, what they are, and who is who.
//!
//! *Invariant:* one file and one set of variables for every story about rules, as one operator has.

use vendors::Kind;

use super::stage::Vendors;

/// What Contoso's tenant is called, and one that nobody listed.
pub(super) const CONTOSO: &str = "11111111-2222-4333-8444-555555555555";
pub(super) const FABRIKAM: &str = "66666666-7777-4888-9999-000000000000";

pub(super) const VARIABLES: [(&str, &str); 2] = [
    ("auth0_audience", "https://api.acme.example"),
    ("microsoft_tenant_id", "organizations"),
];

pub(super) const WRITTEN: &str = r#"
default_provider = "oidc"

[provider.oidc]
title = "Acme staff"
roles = { Directors = "admin", Staff = ["member", "reader"] }

[provider.auth0]
roles = { "calculate:anything" = "admin" }

[provider.clerk]
allow = { ids = ["1001", "2002"] }

[provider.github]
allow = { groups = ["acme", "partners/liaison"] }
roles = { "acme/owners" = "admin", acme = "member" }

[provider.google]
title = "Google of Acme"
allow = { domains = ["example.com"], emails = ["guest@elsewhere.example"] }

[provider.keycloak]
role_claim = "resource_access.postern.roles"

[provider.microsoft]
tenants = ["11111111-2222-4333-8444-555555555555"]
roles = { "group-250" = "admin" }

[provider.okta]
scopes = "openid profile email groups offline_access"
allow = { groups = ["Everyone"] }

[[same_person]]
subjects = ["oidc:3003", "auth0:3003"]

[[allow]]
tools = ["add", "userInfo"]

[[allow]]
roles = ["admin"]
tools = ["calculate"]
"#;

pub(super) fn vendors() -> Vendors {
    Vendors::of([
        Kind::Auth0,
        Kind::Clerk,
        Kind::GitHub,
        Kind::Google,
        Kind::Keycloak,
        Kind::Microsoft,
        Kind::Oidc,
        Kind::Okta,
    ])
}
