//! Clerk as an OAuth provider: public metadata for a scope of its own, and a client that is
//! registered for `client_secret_basic`.

use serde_json::{Value, json};

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "clerk-client",
    client_secret: "clerk-secret",
    methods: &[Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/oauth/authorize"),
        (Endpoint::Token, "/oauth/token"),
        (Endpoint::Userinfo, "/oauth/userinfo"),
        (Endpoint::Keys, "/.well-known/jwks.json"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
        (
            Endpoint::Discovery,
            "/.well-known/oauth-authorization-server",
        ),
    ],
    id_token: claims,
    userinfo: |view| {
        let mut all = claims(view);
        all.insert("object".to_owned(), "oauth_user_info".into());
        all.insert("user_id".to_owned(), Value::from(view.person.id.as_str()));
        all
    },
    variables: |place| {
        vec![
            ("clerk_client_id", SHAPE.client_id.to_owned()),
            ("clerk_client_secret", SHAPE.client_secret.to_owned()),
            ("clerk_frontend_api", place.base.to_owned()),
            ("clerk_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let mut all = view.standard();
    if view.has("public_metadata") {
        let metadata = json!(view.person.public_metadata);
        all.insert("public_metadata".to_owned(), metadata);
    }
    all
}
