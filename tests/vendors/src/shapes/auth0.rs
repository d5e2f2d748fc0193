//! Auth0: an issuer that ends with a slash, and access tokens that are JWTs only for an audience.

use serde_json::json;

use crate::answer::Answer;
use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::refusal::{Refusal, standard};
use crate::seen::Seen;
use crate::shape::{Claims, PLAIN, Rotation, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "auth0-client",
    client_secret: "auth0-secret",
    methods: &[Method::Post, Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/authorize"),
        (Endpoint::Token, "/oauth/token"),
        (Endpoint::Userinfo, "/userinfo"),
        (Endpoint::Keys, "/.well-known/jwks.json"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
    ],
    issuer: |base, _| format!("{base}/"),
    rotation: Rotation::Rotated,
    access_token_hash: false,
    id_token: claims,
    userinfo: claims,
    access_token: |view| {
        let audience = view.audience?;
        Some(view.access(json!({
            "aud": [audience, format!("{}userinfo", view.issuer)],
            "azp": view.client_id,
            "scope": view.scope(),
            "permissions": view.person.permissions,
        })))
    },
    refuse,
    variables: |place| {
        vec![
            ("auth0_client_id", SHAPE.client_id.to_owned()),
            ("auth0_client_secret", SHAPE.client_secret.to_owned()),
            ("auth0_domain", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let mut all = view.standard();
    // Auth0 has a nickname where others have a preferred user name.
    if let Some(nickname) = all.remove("preferred_username") {
        all.insert("nickname".to_owned(), nickname);
    }
    all
}

/// A code or a refresh token that is worth nothing is 403, a client 401 `access_denied`.
fn refuse(refusal: Refusal, seen: &Seen) -> Answer {
    match refusal {
        Refusal::Client | Refusal::Method => {
            let body = json!({ "error": "access_denied", "error_description": "Unauthorized" });
            Answer::json(401, &body)
        }
        _ if refusal.code() == "invalid_grant" => Answer {
            status: 403,
            ..standard(refusal, seen)
        },
        _ => standard(refusal, seen),
    }
}
