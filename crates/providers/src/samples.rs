//! Every provider as an operator may set it, for tests.
//!
//! *Invariant:* nothing here is more than a value: what it means is for the rules to say.

use serde_json::Value;

use crate::catalogue::find;
use crate::upstream::{Upstream, UpstreamRefused};
use crate::wishes::{ProviderText, Wishes};

/// The variables of each provider that have no default.
const SETTINGS: &[(&str, &[(&str, &str)])] = &[
    (
        "access",
        &[
            (
                "access_authorization_url",
                "https://acme.example/cdn-cgi/access/sso/oidc/app/authorization",
            ),
            (
                "access_token_url",
                "https://acme.example/cdn-cgi/access/sso/oidc/app/token",
            ),
            (
                "access_jwks_url",
                "https://acme.example/cdn-cgi/access/sso/oidc/app/jwks",
            ),
            ("access_host", "acme.example"),
        ],
    ),
    ("auth0", &[("auth0_domain", "acme.auth0.example")]),
    (
        "clerk",
        &[
            ("clerk_frontend_api", "https://clerk.acme.example"),
            ("clerk_host", "clerk.acme.example"),
        ],
    ),
    ("descope", &[("descope_project_id", "P2abc")]),
    ("descope-federated", &[]),
    ("github", &[]),
    ("google", &[]),
    (
        "keycloak",
        &[
            ("keycloak_issuer", "https://sso.acme.example/realms/staff"),
            ("keycloak_host", "sso.acme.example"),
        ],
    ),
    (
        "logto",
        &[
            ("logto_endpoint", "https://logto.acme.example/"),
            ("logto_host", "logto.acme.example"),
        ],
    ),
    ("microsoft", &[("microsoft_tenant_id", TENANT)]),
    (
        "oauth2",
        &[
            (
                "oauth2_authorization_url",
                "https://id.acme.example/authorize",
            ),
            ("oauth2_token_url", "https://id.acme.example/token"),
            ("oauth2_userinfo_url", "https://id.acme.example/me"),
            ("oauth2_host", "id.acme.example"),
        ],
    ),
    (
        "oidc",
        &[
            ("oidc_issuer", "https://id.acme.example/a"),
            ("oidc_host", "id.acme.example"),
        ],
    ),
    (
        "okta",
        &[
            ("okta_issuer", "https://acme.okta.example/oauth2/default"),
            ("okta_host", "acme.okta.example"),
        ],
    ),
    ("slack", &[]),
    (
        "stytch",
        &[
            (
                "stytch_authorization_url",
                "https://app.acme.example/authorize",
            ),
            ("stytch_project_domain", "acme.stytch.example"),
        ],
    ),
    ("workos", &[]),
    (
        "workos-connect",
        &[("workos_authkit_domain", "acme.authkit.example")],
    ),
];

/// A tenant of Microsoft Entra.
pub(crate) const TENANT: &str = "11111111-2222-3333-4444-555555555555";
/// Another.
pub(crate) const OTHER_TENANT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
/// The client's id in every sample, and its secret.
pub(crate) const CLIENT: &str = "the-client";
pub(crate) const SECRET: &str = "the-secret";

/// What an operator wrote down, as JSON.
pub(crate) fn wishes(text: Value) -> Wishes {
    let text: ProviderText = serde_json::from_value(text).unwrap();
    Wishes::try_from(text).unwrap()
}

/// The provider `id` with its sample's variables, of which these are others; an empty one is unset.
pub(crate) fn read(
    id: &str,
    wishes: Wishes,
    others: &[(&str, &str)],
) -> Result<Option<Upstream>, UpstreamRefused> {
    let provider = find(id).unwrap();
    let settings = SETTINGS.iter().find(|(known, _)| *known == id);
    let (_, settings) = settings.unwrap_or_else(|| panic!("{id} has no line in SETTINGS"));
    Upstream::read(provider, wishes, |name| {
        let listed = |list: &[(&str, &str)]| {
            let found = list.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let client = match name {
            _ if name == provider.client_id => Some(CLIENT.to_owned()),
            _ if name == provider.client_secret => Some(SECRET.to_owned()),
            _ => None,
        };
        listed(others).or_else(|| listed(settings)).or(client)
    })
}

/// The provider `id`, from which anybody may come.
pub(crate) fn upstream(id: &str) -> Upstream {
    set(id, &[])
}

/// The same with other variables.
pub(crate) fn set(id: &str, others: &[(&str, &str)]) -> Upstream {
    let anyone = wishes(serde_json::json!({ "allow": "anyone" }));
    read(id, anyone, others).unwrap().unwrap()
}

/// The provider `id` as `text` wishes it.
pub(crate) fn wished(id: &str, text: Value) -> Upstream {
    read(id, wishes(text), &[]).unwrap().unwrap()
}

/// The members of an object.
pub(crate) fn object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}
