//! Any OpenID Connect provider, by its issuer.
//!
//! *Invariant:* everything else is what the issuer publishes of itself.

use crate::provider::{Anyone, Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "oidc",
    title: "OpenID Connect",
    client_id: "oidc_client_id",
    client_secret: "oidc_client_secret",
    public_clients: true,
    variables: &[
        Variable::url("oidc_issuer"),
        Variable::host("oidc_host", ""),
        Variable::host("oidc_token_host", "").or_nothing(),
    ],
    hosts: &["{oidc_host}", "{oidc_token_host}"],
    issuer: "{oidc_issuer}",
    roles: &["roles", "groups"],
    anyone: Anyone::At(
        "oidc_issuer",
        &[
            "accounts.google.com",
            "appleid.apple.com",
            "gitlab.com",
            "id.twitch.tv",
            "login.microsoftonline.com",
            "login.yahoo.com",
            "slack.com",
            "www.facebook.com",
            "www.linkedin.com",
        ],
    ),
    ..Provider::OPENID_CONNECT
};
