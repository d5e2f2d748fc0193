//! Logto.
//!
//! *Invariant:* roles come by a scope of its own, which is always asked for.

use crate::provider::{Authentication, Offline, Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "logto",
    title: "Logto",
    client_id: "logto_app_id",
    client_secret: "logto_app_secret",
    variables: &[Variable::url("logto_endpoint"), Variable::host("logto_host", "")],
    hosts: &["{logto_host}"],
    issuer: "{logto_endpoint}/oidc",
    scopes: "openid profile email urn:logto:scope:roles",
    authentication: Authentication::Basic,
    name: &["name", "username"],
    roles: &["roles", "organization_roles"],
    offline: Offline::ConsentedScope("offline_access"),
    ..Provider::OPENID_CONNECT
};
