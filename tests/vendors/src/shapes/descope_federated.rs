//! Descope, a federated application: the client is the project, its secret an access key that one
//! may do without.

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{PLAIN, Refresh, Rotation, Shape};
use crate::shapes::descope;

pub(crate) const SHAPE: Shape = Shape {
    client_id: descope::PROJECT,
    client_secret: "descope-access-key",
    methods: &[Method::Post, Method::Basic, Method::Public],
    routes: &[
        (Endpoint::Authorize, "/oauth2/v1/authorize"),
        (Endpoint::Token, "/oauth2/v1/token"),
        (Endpoint::Userinfo, "/oauth2/v1/userinfo"),
        (Endpoint::Keys, "/P2abcDescope/.well-known/jwks.json"),
        (
            Endpoint::Discovery,
            "/P2abcDescope/.well-known/openid-configuration",
        ),
    ],
    issuer: |base, _| format!("{base}/{}", descope::PROJECT),
    refresh: Refresh::Always,
    rotation: Rotation::Rotated,
    access_token_hash: false,
    audience_is_list: true,
    id_token: descope::authorized,
    userinfo: descope::authorized,
    access_token: |view| Some(descope::access(view)),
    variables: |place| {
        vec![
            ("descope_project_id", SHAPE.client_id.to_owned()),
            ("descope_access_key", SHAPE.client_secret.to_owned()),
            ("descope_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};
