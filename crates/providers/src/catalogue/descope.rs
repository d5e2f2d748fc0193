//! Descope, by an Inbound App.
//!
//! *Invariant:* its secret is the app's own; a management key rules the whole project and is never
//! sent.

use crate::provider::{Issuers, Offline, Provider, Userinfo, Variable};

/// Whose tokens a project signs has had several spellings; the keys are the project's alone.
pub(super) const ISSUERS: Issuers = Issuers::Exactly(&[
    "https://{descope_host}/v1/apps/{descope_project_id}",
    "{descope_project_id}",
]);
pub(super) const KEYS: &str = "https://{descope_host}/{descope_project_id}/.well-known/jwks.json";
pub(super) const ROLES: &[&str] = &["roles", "permissions", "tenants.*.roles"];

pub(super) const PROVIDER: Provider = Provider {
    id: "descope",
    title: "Descope",
    client_id: "descope_client_id",
    client_secret: "descope_client_secret",
    variables: &[
        Variable::text("descope_project_id", "the project's id, which starts with P"),
        Variable::host("descope_host", "api.descope.com"),
    ],
    hosts: &["{descope_host}"],
    issuer: "https://{descope_host}/{descope_project_id}",
    issuers: ISSUERS,
    endpoints: [
        "https://{descope_host}/oauth2/v1/apps/authorize",
        "https://{descope_host}/oauth2/v1/apps/token",
        "https://{descope_host}/oauth2/v1/apps/userinfo",
        KEYS,
    ],
    userinfo: Userinfo::Always,
    roles: ROLES,
    // A scope that the app does not define is an error there.
    offline: Offline::Unasked,
    mistake: "the variable `descope_client_secret` must be the Inbound App's own secret: a \
              management key is none",
    ..Provider::OPENID_CONNECT
};
