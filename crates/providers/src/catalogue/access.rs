//! Cloudflare Access as an OpenID Connect provider (Access for SaaS).
//!
//! *Invariant:* who may sign in is the policy of the Access application, and nobody else's.

use crate::provider::{Offline, Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "access",
    title: "Cloudflare Access",
    client_id: "access_client_id",
    client_secret: "access_client_secret",
    variables: &[
        Variable::url("access_authorization_url"),
        Variable::url("access_token_url"),
        Variable::url("access_jwks_url"),
        Variable::host("access_host", ""),
    ],
    hosts: &["{access_host}"],
    // The application's id is in the path, and every endpoint stands below the issuer.
    issuer: "{access_token_url%/token}",
    endpoints: [
        "{access_authorization_url}",
        "{access_token_url}",
        "{access_token_url%/token}/userinfo",
        "{access_jwks_url}",
    ],
    scopes: "openid profile email groups",
    roles: &["groups"],
    // Given where the application has a refresh token lifetime.
    offline: Offline::Unasked,
    ..Provider::OPENID_CONNECT
};
