//! Auth0.
//!
//! *Invariant:* its issuer ends with a slash, and so do ours when we compare them.

use crate::provider::{Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "auth0",
    title: "Auth0",
    client_id: "auth0_client_id",
    client_secret: "auth0_client_secret",
    variables: &[
        Variable::host("auth0_domain", ""),
        Variable::text("auth0_audience", "the identifier of an API of the tenant").or_nothing(),
    ],
    hosts: &["{auth0_domain}"],
    issuer: "https://{auth0_domain}/",
    parameters: &[("audience", "{auth0_audience}")],
    // Permissions are in the access token alone.
    access_token_claims: true,
    roles: &["permissions"],
    ..Provider::OPENID_CONNECT
};
