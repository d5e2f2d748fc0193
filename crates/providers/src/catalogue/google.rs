//! Google.
//!
//! *Invariant:* a Workspace is told by the claim `hd`, never by an address or by what was asked.

use crate::provider::{Anyone, Issuers, Offline, Provider, Quirk, Userinfo, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "google",
    title: "Google",
    client_id: "google_client_id",
    client_secret: "google_client_secret",
    variables: &[
        Variable::host("google_host", "accounts.google.com"),
        Variable::text("hosted_domain", "the domain of a Google Workspace").or_nothing(),
    ],
    hosts: &[
        "{google_host}",
        "oauth2.googleapis.com",
        "openidconnect.googleapis.com",
        "www.googleapis.com",
    ],
    issuer: "https://{google_host}",
    // Its older tokens name it without a scheme.
    issuers: Issuers::Exactly(&["{google_host}"]),
    parameters: &[("hd", "{hosted_domain}")],
    userinfo: Userinfo::Never,
    // Given at a person's first consent alone.
    offline: Offline::Parameter("access_type", "offline"),
    anyone: Anyone::Unless("hosted_domain"),
    quirk: Quirk::Google,
    ..Provider::OPENID_CONNECT
};
