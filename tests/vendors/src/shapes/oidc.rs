//! An OpenID provider of no name, as strict as the specifications: a secret with characters that
//! `client_secret_basic` must encode, `iss` in the response, and a key of every type.

use serde_json::json;

use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Rotation, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "oidc:client",
    client_secret: "a+b/c=d%e&f:g h",
    routes: &[
        (Endpoint::Authorize, "/authorize"),
        (Endpoint::Token, "/token"),
        (Endpoint::Userinfo, "/userinfo"),
        (Endpoint::Keys, "/jwks"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
    ],
    rotation: Rotation::Rotated,
    issuer_parameter: true,
    lists_all_keys: true,
    keys_name_algorithm: false,
    id_token: claims,
    userinfo: claims,
    variables: |place| {
        vec![
            ("oidc_client_id", SHAPE.client_id.to_owned()),
            ("oidc_client_secret", SHAPE.client_secret.to_owned()),
            ("oidc_issuer", place.base.to_owned()),
            ("oidc_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let person = view.person;
    view.standard_and(json!({ "roles": person.roles, "groups": person.groups }))
}
