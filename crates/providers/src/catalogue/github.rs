//! GitHub, by an OAuth App or a GitHub App.
//!
//! *Invariant:* a person is their number: a login can be given up and taken by somebody else.

use crate::provider::{Anyone, Offline, Provider, Quirk, Told, Userinfo, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "github",
    title: "GitHub",
    client_id: "github_client_id",
    client_secret: "github_client_secret",
    variables: &[
        Variable::host("github_host", "github.com"),
        Variable::host("github_api_host", "api.github.com"),
    ],
    hosts: &["{github_host}", "{github_api_host}"],
    endpoints: [
        "https://{github_host}/login/oauth/authorize",
        "https://{github_host}/login/oauth/access_token",
        "https://{github_api_host}/user",
        "",
    ],
    scopes: "read:user user:email",
    login_hint: "login",
    told: Told::Userinfo,
    userinfo: Userinfo::Always,
    subject: &["id"],
    name: &["name", "login"],
    roles: &["organizations", "teams"],
    // A GitHub App's tokens expire and come with one; an OAuth App's do neither.
    offline: Offline::Unasked,
    anyone: Anyone::Yes,
    quirk: Quirk::GitHub,
    ..Provider::OPENID_CONNECT
};
