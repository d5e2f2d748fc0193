//! WorkOS Connect: AuthKit as an OpenID Connect provider.
//!
//! *Invariant:* its issuer is the AuthKit domain, not the API's.

use crate::provider::{Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "workos-connect",
    title: "WorkOS",
    client_id: "workos_connect_client_id",
    client_secret: "workos_connect_client_secret",
    variables: &[Variable::host("workos_authkit_domain", "")],
    hosts: &["{workos_authkit_domain}"],
    issuer: "https://{workos_authkit_domain}",
    access_token_claims: true,
    roles: &["role", "roles", "permissions"],
    ..Provider::OPENID_CONNECT
};
