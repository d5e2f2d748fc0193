//! Clerk.
//!
//! *Invariant:* roles are what the application's administrators wrote into public metadata, which
//! no person can change for themselves.

use crate::provider::{Authentication, Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "clerk",
    title: "Clerk",
    client_id: "clerk_client_id",
    client_secret: "clerk_client_secret",
    variables: &[Variable::url("clerk_frontend_api"), Variable::host("clerk_host", "")],
    hosts: &["{clerk_host}"],
    issuer: "{clerk_frontend_api}",
    scopes: "openid profile email public_metadata",
    authentication: Authentication::Basic,
    roles: &["public_metadata.role"],
    ..Provider::OPENID_CONNECT
};
