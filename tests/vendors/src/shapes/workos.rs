//! WorkOS AuthKit: JSON in and out, a `user` in the token answer, and no ID token.

use serde_json::json;

use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::shape::{Claims, PLAIN, Refresh, Repeated, Rotation, Shape};
use crate::view::{View, claims};

pub(crate) const SHAPE: Shape = Shape {
    client_id: "client_01WORKOS",
    client_secret: "sk_test_workos",
    methods: &[Method::Json],
    routes: &[
        (Endpoint::Authorize, "/user_management/authorize"),
        (Endpoint::Token, "/user_management/authenticate"),
        (Endpoint::Keys, "/sso/jwks/client_01WORKOS"),
    ],
    issuer: |base, _| format!("{base}/user_management/client_01WORKOS"),
    is_openid: false,
    repeated: Repeated::Never,
    refresh: Refresh::Always,
    rotation: Rotation::Rotated,
    objection: |seen| {
        let connections = ["provider", "connection_id", "organization_id"];
        let none = connections
            .iter()
            .all(|name| seen.parameter(name).is_none());
        let why = "A provider, a connection or an organization must be named";
        none.then_some(("invalid_request", why))
    },
    access_token: |view| Some(session(view)),
    granted,
    variables: |place| {
        vec![
            ("workos_client_id", SHAPE.client_id.to_owned()),
            ("workos_client_secret", SHAPE.client_secret.to_owned()),
            ("workos_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

/// The session token: for no audience, and without an address.
fn session(view: &View<'_>) -> Claims {
    let person = view.person;
    let mut all = view.access(json!({ "sid": "session_01" }));
    if let Some(organization) = &person.tenant {
        all.extend(claims(json!({
            "org_id": organization,
            "role": person.roles.first(),
            "roles": person.roles,
            "permissions": person.permissions,
        })));
    }
    all.extend(person.claims.clone());
    all
}

fn granted(view: &View<'_>, answer: &mut Claims) {
    let person = view.person;
    for absent in ["token_type", "expires_in", "scope"] {
        answer.remove(absent);
    }
    answer.extend(claims(json!({
        "user": {
            "object": "user",
            "id": person.id,
            "email": person.email,
            "email_verified": person.verified,
            "first_name": person.given_name,
            "last_name": person.family_name,
            "profile_picture_url": null,
        },
        "organization_id": person.tenant,
        "authentication_method": "Password",
    })));
}
