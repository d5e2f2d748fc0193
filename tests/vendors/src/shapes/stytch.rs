//! Stytch Connected Apps, with a domain of the project's own, so that its issuer is the same
//! everywhere; the authorization page is the operator's.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::pkce::Pkce;
use crate::shape::{PLAIN, Shape};

const PROJECT: &str = "project-test-0001";

pub(crate) const SHAPE: Shape = Shape {
    client_id: "connected-app-test-0001",
    client_secret: "stytch-secret",
    methods: &[Method::Post, Method::Basic, Method::Public],
    routes: &[
        (Endpoint::Authorize, "/oauth/authorize"),
        (Endpoint::Token, "/v1/oauth2/token"),
        (Endpoint::Userinfo, "/v1/oauth2/userinfo"),
        (Endpoint::Keys, "/.well-known/jwks.json"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
    ],
    pkce: Pkce::Required,
    issuer_parameter: true,
    access_token_hash: false,
    audience_is_list: true,
    access_token: |view| {
        Some(view.access(json!({
            "aud": [PROJECT],
            "client_id": view.client_id,
            "scope": view.scope(),
        })))
    },
    variables: |place| {
        vec![
            ("stytch_client_id", SHAPE.client_id.to_owned()),
            ("stytch_client_secret", SHAPE.client_secret.to_owned()),
            ("stytch_project_domain", place.authority.to_owned()),
            (
                "stytch_authorization_url",
                format!("{}/oauth/authorize", place.base),
            ),
        ]
    },
    ..PLAIN
};
