//! Any OAuth 2 server that tells who came at a userinfo endpoint.
//!
//! *Invariant:* nothing is known of who may have an account there, so a rule must say who may come.

use crate::provider::{Anyone, Offline, Provider, Told, Userinfo, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "oauth2",
    title: "OAuth 2",
    client_id: "oauth2_client_id",
    client_secret: "oauth2_client_secret",
    public_clients: true,
    variables: &[
        Variable::url("oauth2_authorization_url"),
        Variable::url("oauth2_token_url"),
        Variable::url("oauth2_userinfo_url"),
        Variable::host("oauth2_host", ""),
        Variable::host("oauth2_userinfo_host", "").or_nothing(),
    ],
    hosts: &["{oauth2_host}", "{oauth2_userinfo_host}"],
    endpoints: [
        "{oauth2_authorization_url}",
        "{oauth2_token_url}",
        "{oauth2_userinfo_url}",
        "",
    ],
    scopes: "",
    told: Told::Userinfo,
    userinfo: Userinfo::Always,
    // Without OpenID Connect, few call it `sub`.
    or_subject: Some("id"),
    name: &["name", "display_name", "username", "login"],
    roles: &["roles", "groups"],
    offline: Offline::Unasked,
    anyone: Anyone::Yes,
    ..Provider::OPENID_CONNECT
};
