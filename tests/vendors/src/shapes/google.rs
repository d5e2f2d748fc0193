//! Google: scopes come back as addresses, and a refresh token comes at the first consent only.

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Refresh, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "google-client.apps.googleusercontent.com",
    client_secret: "google-secret",
    methods: &[Method::Post, Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/o/oauth2/v2/auth"),
        (Endpoint::Token, "/token"),
        (Endpoint::Userinfo, "/v1/userinfo"),
        (Endpoint::Keys, "/oauth2/v3/certs"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
    ],
    refresh: Refresh::OfflineAccessType,
    issuer_parameter: true,
    objection: |seen| {
        let scopes = seen.parameter("scope").unwrap_or_default();
        let unknown = scopes
            .split_whitespace()
            .any(|scope| scope == "offline_access");
        unknown.then_some(("invalid_scope", "Some requested scopes were invalid"))
    },
    id_token: |view| {
        let mut all = claims(view);
        all.insert("azp".to_owned(), view.client_id.into());
        all
    },
    userinfo: claims,
    granted: |view, answer| {
        let scopes: Vec<&str> = view.scopes.iter().map(|scope| address(scope)).collect();
        answer.insert("scope".to_owned(), scopes.join(" ").into());
    },
    variables: |place| {
        vec![
            ("google_client_id", SHAPE.client_id.to_owned()),
            ("google_client_secret", SHAPE.client_secret.to_owned()),
            ("google_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn address(scope: &str) -> &str {
    match scope {
        "email" => "https://www.googleapis.com/auth/userinfo.email",
        "profile" => "https://www.googleapis.com/auth/userinfo.profile",
        other => other,
    }
}

fn claims(view: &View<'_>) -> Claims {
    let mut all = view.standard();
    all.remove("preferred_username");
    if let Some(domain) = &view.person.tenant {
        all.insert("hd".to_owned(), domain.as_str().into());
    }
    all
}
