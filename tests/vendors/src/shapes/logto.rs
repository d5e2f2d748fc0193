//! Logto: ES384, PKCE always, and a refresh token only for a consent that was asked for.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::jwt::Algorithm;
use crate::pkce::Pkce;
use crate::shape::{Claims, PLAIN, Refresh, Rotation, Shape};
use crate::view::View;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "logto-app",
    client_secret: "logto-secret",
    methods: &[Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/oidc/auth"),
        (Endpoint::Token, "/oidc/token"),
        (Endpoint::Userinfo, "/oidc/me"),
        (Endpoint::Keys, "/oidc/jwks"),
        (
            Endpoint::Discovery,
            "/oidc/.well-known/openid-configuration",
        ),
    ],
    issuer: |base, _| format!("{base}/oidc"),
    algorithm: Algorithm::Es384,
    pkce: Pkce::Required,
    refresh: Refresh::OfflineAccessWithConsent,
    rotation: Rotation::Rotated,
    issuer_parameter: true,
    id_token: claims,
    userinfo: claims,
    variables: |place| {
        vec![
            ("logto_app_id", SHAPE.client_id.to_owned()),
            ("logto_app_secret", SHAPE.client_secret.to_owned()),
            ("logto_endpoint", place.base.to_owned()),
            ("logto_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let person = view.person;
    let mut all = view.standard();
    if let Some(username) = all.remove("preferred_username") {
        all.insert("username".to_owned(), username);
    }
    if view.has("urn:logto:scope:roles") || view.has("roles") {
        all.insert("roles".to_owned(), json!(person.roles));
    }
    if view.has("urn:logto:scope:organizations") {
        let ids = person.organizations.iter().map(|organization| {
            let (id, _) = organization.split_once(':').unwrap_or((organization, ""));
            id
        });
        all.insert("organizations".to_owned(), ids.collect());
    }
    if view.has("urn:logto:scope:organization_roles") {
        all.insert("organization_roles".to_owned(), json!(person.organizations));
    }
    all
}
