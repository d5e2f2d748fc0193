//! Keycloak: roles of the realm under `realm_access`, which the operator maps into ID tokens and
//! userinfo as well.

use serde_json::json;

use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Refresh, Rotation, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "keycloak-client",
    client_secret: "keycloak-secret",
    routes: &[
        (
            Endpoint::Authorize,
            "/realms/acme/protocol/openid-connect/auth",
        ),
        (
            Endpoint::Token,
            "/realms/acme/protocol/openid-connect/token",
        ),
        (
            Endpoint::Userinfo,
            "/realms/acme/protocol/openid-connect/userinfo",
        ),
        (Endpoint::Keys, "/realms/acme/protocol/openid-connect/certs"),
        (
            Endpoint::Discovery,
            "/realms/acme/.well-known/openid-configuration",
        ),
    ],
    issuer: |base, _| format!("{base}/realms/acme"),
    refresh: Refresh::Always,
    rotation: Rotation::Renewed,
    issuer_parameter: true,
    id_token: |view| {
        let mut all = claims(view);
        all.insert("azp".to_owned(), view.client_id.into());
        all.insert("typ".to_owned(), "ID".into());
        all
    },
    userinfo: claims,
    access_token: |view| {
        let mut all = claims(view);
        all.extend(view.access(json!({
            "aud": "account",
            "azp": view.client_id,
            "scope": view.scope(),
            "typ": "Bearer",
        })));
        Some(all)
    },
    variables: |place| {
        vec![
            ("keycloak_client_id", SHAPE.client_id.to_owned()),
            ("keycloak_client_secret", SHAPE.client_secret.to_owned()),
            ("keycloak_issuer", (SHAPE.issuer)(place.base, "")),
            ("keycloak_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    view.standard_and(json!({
        "realm_access": { "roles": view.person.roles },
        "groups": view.person.groups,
    }))
}
