//! An authorization server without OpenID Connect: an access token, and somewhere to show it.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{PLAIN, Refresh, Shape};
use crate::view::claims;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "oauth2-client",
    client_secret: "oauth2-secret",
    methods: &[Method::Post, Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/authorize"),
        (Endpoint::Token, "/token"),
        (Endpoint::Userinfo, "/userinfo"),
    ],
    issuer: |_, _| String::new(),
    is_openid: false,
    needs_openid: false,
    refresh: Refresh::Always,
    userinfo: |view| {
        let person = view.person;
        let mut all = claims(json!({
            "sub": person.id,
            "name": person.name,
            "email": person.email,
            "email_verified": person.verified,
            "roles": person.roles,
            "groups": person.groups,
        }));
        all.extend(person.claims.clone());
        all
    },
    variables: |place| {
        vec![
            ("oauth2_client_id", SHAPE.client_id.to_owned()),
            ("oauth2_client_secret", SHAPE.client_secret.to_owned()),
            (
                "oauth2_authorization_url",
                format!("{}/authorize", place.base),
            ),
            ("oauth2_token_url", format!("{}/token", place.base)),
            ("oauth2_userinfo_url", format!("{}/userinfo", place.base)),
            ("oauth2_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};
