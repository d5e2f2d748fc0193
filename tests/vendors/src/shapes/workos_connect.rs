//! WorkOS Connect: an OpenID provider that takes the client's secret in the form alone.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Rotation, Shape};
use crate::view::{View, claims};

pub(crate) const SHAPE: Shape = Shape {
    client_id: "client_01CONNECT",
    client_secret: "connect-secret",
    methods: &[Method::Post],
    routes: &[
        (Endpoint::Authorize, "/oauth2/authorize"),
        (Endpoint::Token, "/oauth2/token"),
        (Endpoint::Userinfo, "/oauth2/userinfo"),
        (Endpoint::Keys, "/oauth2/jwks"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
        (
            Endpoint::Discovery,
            "/.well-known/oauth-authorization-server",
        ),
    ],
    rotation: Rotation::Rotated,
    access_token_hash: false,
    id_token: told,
    userinfo: told,
    access_token: |view| {
        let mut all = view.access(json!({ "aud": view.client_id, "sid": "app_consent_01" }));
        all.extend(organization(view));
        Some(all)
    },
    variables: |place| {
        vec![
            ("workos_connect_client_id", SHAPE.client_id.to_owned()),
            (
                "workos_connect_client_secret",
                SHAPE.client_secret.to_owned(),
            ),
            ("workos_authkit_domain", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn told(view: &View<'_>) -> Claims {
    let mut all = view.standard();
    all.extend(organization(view));
    all
}

/// What somebody is in an organization.
fn organization(view: &View<'_>) -> Claims {
    let person = view.person;
    let Some(organization) = &person.tenant else {
        return Claims::new();
    };
    claims(json!({
        "org_id": organization,
        "role": person.roles.first(),
        "roles": person.roles,
        "permissions": person.permissions,
    }))
}
