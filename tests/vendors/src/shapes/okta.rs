//! Okta: an org server, whose access tokens say nothing, and custom ones, whose do.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Rotation, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "0oaOktaClient",
    client_secret: "okta-secret",
    methods: &[Method::Basic, Method::Post],
    routes: &[
        (Endpoint::Authorize, "/oauth2/v1/authorize"),
        (Endpoint::Token, "/oauth2/v1/token"),
        (Endpoint::Userinfo, "/oauth2/v1/userinfo"),
        (Endpoint::Keys, "/oauth2/v1/keys"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
        (Endpoint::Authorize, "/oauth2/*/v1/authorize"),
        (Endpoint::Token, "/oauth2/*/v1/token"),
        (Endpoint::Userinfo, "/oauth2/*/v1/userinfo"),
        (Endpoint::Keys, "/oauth2/*/v1/keys"),
        (
            Endpoint::Discovery,
            "/oauth2/*/.well-known/openid-configuration",
        ),
    ],
    realm: "default",
    issuer: |base, realm| match realm {
        "" => base.to_owned(),
        server => format!("{base}/oauth2/{server}"),
    },
    rotation: Rotation::Rotated,
    id_token: |view| {
        let mut all = claims(view);
        all.insert("ver".to_owned(), 1.into());
        all
    },
    userinfo: claims,
    access_token: |view| {
        let custom = !view.realm.is_empty();
        custom.then(|| {
            let mut all = view.access(json!({
                "aud": "api://default",
                "cid": view.client_id,
                "scp": view.scopes,
                "uid": view.person.id,
                "ver": 1,
            }));
            // The subject of an access token is the login; the id is in `uid`.
            all.insert("sub".to_owned(), view.person.username.as_str().into());
            all
        })
    },
    variables: |place| {
        vec![
            ("okta_client_id", SHAPE.client_id.to_owned()),
            ("okta_client_secret", SHAPE.client_secret.to_owned()),
            ("okta_issuer", (SHAPE.issuer)(place.base, SHAPE.realm)),
            ("okta_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let mut all = view.standard();
    if view.has("groups") {
        all.insert("groups".to_owned(), json!(view.person.groups));
    }
    all
}
