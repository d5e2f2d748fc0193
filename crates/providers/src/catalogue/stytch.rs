//! Stytch Connected Apps.
//!
//! *Invariant:* its authorization endpoint is a page that the operator hosts, so only browsers go
//! there.

use crate::provider::{Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "stytch",
    title: "Stytch",
    client_id: "stytch_client_id",
    client_secret: "stytch_client_secret",
    public_clients: true,
    variables: &[
        Variable::url("stytch_authorization_url"),
        Variable::host("stytch_project_domain", ""),
    ],
    hosts: &["{stytch_project_domain}"],
    issuer: "https://{stytch_project_domain}",
    endpoints: [
        "{stytch_authorization_url}",
        "https://{stytch_project_domain}/v1/oauth2/token",
        "https://{stytch_project_domain}/v1/oauth2/userinfo",
        "https://{stytch_project_domain}/.well-known/jwks.json",
    ],
    roles: &["roles"],
    ..Provider::OPENID_CONNECT
};
