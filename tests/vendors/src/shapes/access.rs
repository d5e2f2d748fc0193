//! Cloudflare Access as an OIDC provider for SaaS applications: the client's id is in the issuer,
//! and the path says `authorization`.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Refresh, Shape};
use crate::view::View;

const ISSUER: &str = "/cdn-cgi/access/sso/oidc/a1b2c3d4e5f6";

pub(crate) const SHAPE: Shape = Shape {
    client_id: "a1b2c3d4e5f6",
    client_secret: "access-secret",
    methods: &[Method::Post, Method::Basic],
    routes: &[
        (
            Endpoint::Authorize,
            "/cdn-cgi/access/sso/oidc/a1b2c3d4e5f6/authorization",
        ),
        (
            Endpoint::Token,
            "/cdn-cgi/access/sso/oidc/a1b2c3d4e5f6/token",
        ),
        (
            Endpoint::Userinfo,
            "/cdn-cgi/access/sso/oidc/a1b2c3d4e5f6/userinfo",
        ),
        (Endpoint::Keys, "/cdn-cgi/access/sso/oidc/a1b2c3d4e5f6/jwks"),
        (
            Endpoint::Discovery,
            "/cdn-cgi/access/sso/oidc/a1b2c3d4e5f6/.well-known/openid-configuration",
        ),
        (Endpoint::Certificates, "/cdn-cgi/access/certs"),
        (Endpoint::Identity, "/cdn-cgi/access/get-identity"),
    ],
    issuer: |base, _| format!("{base}{ISSUER}"),
    // As if the application had a lifetime set for refresh tokens.
    refresh: Refresh::Always,
    audience_is_list: true,
    id_token: claims,
    userinfo: claims,
    variables: |place| {
        vec![
            ("access_client_id", SHAPE.client_id.to_owned()),
            ("access_client_secret", SHAPE.client_secret.to_owned()),
            (
                "access_authorization_url",
                format!("{}{ISSUER}/authorization", place.base),
            ),
            ("access_token_url", format!("{}{ISSUER}/token", place.base)),
            ("access_jwks_url", format!("{}{ISSUER}/jwks", place.base)),
            ("access_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let mut all = view.standard();
    all.remove("email_verified");
    if view.has("groups") {
        all.insert("groups".to_owned(), json!(view.person.groups));
    }
    all
}
