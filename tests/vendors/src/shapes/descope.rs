//! Descope, an Inbound App: scopes that must be predefined, and roles by tenant.

use serde_json::{Value, json};

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::pkce::Pkce;
use crate::seen::Seen;
use crate::shape::{Claims, PLAIN, Refresh, Rotation, Shape};
use crate::view::{View, claims};

pub(crate) const PROJECT: &str = "P2abcDescope";
/// What the app has scopes for.
const SCOPES: [&str; 5] = ["openid", "profile", "email", "offline_access", "roles"];

pub(crate) const SHAPE: Shape = Shape {
    client_id: "descope-client",
    client_secret: "descope-secret",
    methods: &[Method::Post],
    routes: &[
        (Endpoint::Authorize, "/oauth2/v1/apps/authorize"),
        (Endpoint::Token, "/oauth2/v1/apps/token"),
        (Endpoint::Userinfo, "/oauth2/v1/apps/userinfo"),
        (Endpoint::Keys, "/P2abcDescope/.well-known/jwks.json"),
        (
            Endpoint::Discovery,
            "/v1/apps/P2abcDescope/.well-known/openid-configuration",
        ),
    ],
    issuer: |base, _| format!("{base}/v1/apps/{PROJECT}"),
    pkce: Pkce::Required,
    refresh: Refresh::Always,
    rotation: Rotation::Rotated,
    access_token_hash: false,
    audience_is_list: true,
    objection,
    id_token: authorized,
    userinfo: authorized,
    access_token: |view| Some(access(view)),
    variables: |place| {
        vec![
            ("descope_client_id", SHAPE.client_id.to_owned()),
            ("descope_client_secret", SHAPE.client_secret.to_owned()),
            ("descope_project_id", PROJECT.to_owned()),
            ("descope_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn objection(seen: &Seen) -> Option<(&'static str, &'static str)> {
    let mut scopes = seen
        .parameter("scope")
        .unwrap_or_default()
        .split_whitespace();
    let unknown = scopes.any(|scope| !SCOPES.contains(&scope));
    unknown.then_some(("invalid_scope", "Received invalid scope"))
}

/// Somebody in a tenant has their roles there, and none beside it.
pub(crate) fn authorized(view: &View<'_>) -> Claims {
    let person = view.person;
    let rights = json!({ "roles": person.roles, "permissions": person.permissions });
    let mut all = view.standard();
    match &person.tenant {
        Some(tenant) => {
            let tenants = Claims::from_iter([(tenant.clone(), rights)]);
            all.insert("tenants".to_owned(), Value::from(tenants));
            all.insert("dct".to_owned(), tenant.as_str().into());
        }
        None => all.extend(claims(rights)),
    }
    all
}

pub(crate) fn access(view: &View<'_>) -> Claims {
    let mut all = authorized(view);
    all.extend(view.access(json!({ "aud": [view.client_id], "scope": view.scope() })));
    all
}
