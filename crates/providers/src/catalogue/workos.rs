//! WorkOS AuthKit, by its user management API.
//!
//! *Invariant:* the person is in the token answer; what the access token adds counts only with its
//! signature.

use crate::provider::{Authentication, Issuers, Offline, Provider, Told, Userinfo, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "workos",
    title: "WorkOS",
    client_id: "workos_client_id",
    client_secret: "workos_client_secret",
    variables: &[Variable::host("workos_host", "api.workos.com")],
    hosts: &["{workos_host}"],
    issuer: "https://{workos_host}",
    issuers: Issuers::Exactly(&["https://{workos_host}/user_management/{workos_client_id}"]),
    endpoints: [
        "https://{workos_host}/user_management/authorize",
        "https://{workos_host}/user_management/authenticate",
        "",
        "https://{workos_host}/sso/jwks/{workos_client_id}",
    ],
    scopes: "",
    parameters: &[("provider", "authkit")],
    authentication: Authentication::Json,
    told: Told::User,
    access_token_claims: true,
    userinfo: Userinfo::Never,
    subject: &["sub"],
    name: &["name"],
    roles: &["role", "roles", "permissions"],
    offline: Offline::Unasked,
    ..Provider::OPENID_CONNECT
};
