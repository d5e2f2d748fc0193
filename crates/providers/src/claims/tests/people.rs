//! Who each provider's people are.
//!
//! *Invariant:* the claims are of the shapes that providers document.

use http::StatusCode;
use serde_json::{Value, json};

use super::of;
use crate::claims::Claims;
use crate::samples::upstream;
use crate::token_answer::TokenAnswer;

/// Claims of each provider, and the person that they are: subject, name and roles.
const PEOPLE: [(&str, &str, [&str; 3]); 14] = [
    (
        "access",
        r#"{"sub":"7335d417","name":"Ada Lovelace","groups":[{"id":"1","name":"Staff"},"Ops"]}"#,
        ["7335d417", ADA, "Staff Ops"],
    ),
    (
        "auth0",
        r#"{"sub":"auth0|5f7c","nickname":"ada","name":"Ada Lovelace","permissions":["read:all"],
            "user_metadata":{"role":"admin"}}"#,
        ["auth0|5f7c", ADA, "read:all"],
    ),
    (
        "clerk",
        r#"{"sub":"user_2x","given_name":"Ada","family_name":"Lovelace",
            "public_metadata":{"role":"admin"},"unsafe_metadata":{"role":"owner"}}"#,
        ["user_2x", ADA, "admin"],
    ),
    (
        "descope",
        r#"{"sub":"U2x","name":"Ada Lovelace","roles":["r1"],"permissions":["p1"],
            "tenants":{"T1":{"roles":["r1","r2"]},"T2":{}}}"#,
        ["U2x", ADA, "r1 p1 r2"],
    ),
    (
        "github",
        r#"{"login":"ada","id":583231,"name":null,"company":"admin","bio":"admin","type":"User",
            "site_admin":false}"#,
        ["583231", "ada", ""],
    ),
    (
        "google",
        r#"{"sub":"110169484474386276334","name":"Ada Lovelace","email_verified":true,
            "hd":"acme.example","picture":"https://lh3.example/a"}"#,
        ["110169484474386276334", ADA, ""],
    ),
    (
        "keycloak",
        r#"{"sub":"f7c1-9a","preferred_username":"ada","given_name":"Ada","family_name":"Lovelace",
            "realm_access":{"roles":["offline_access","admin"]},
            "resource_access":{"account":{"roles":["manage-account"]}}}"#,
        ["f7c1-9a", ADA, "offline_access admin"],
    ),
    (
        "logto",
        r#"{"sub":"x8a1","name":null,"username":"ada","roles":["editor"],
            "organization_roles":["o1:admin"]}"#,
        ["x8a1", "ada", "editor o1:admin"],
    ),
    (
        "microsoft",
        r#"{"sub":"pairwise","tid":"11111111-2222-3333-4444-555555555555","oid":"0a-0b",
            "name":"Ada Lovelace","roles":["App.Admin"],"groups":["g-1"]}"#,
        [
            "11111111-2222-3333-4444-555555555555.0a-0b",
            ADA,
            "App.Admin g-1",
        ],
    ),
    (
        "oauth2",
        r#"{"sub":"9","username":"ada","groups":"one"}"#,
        ["9", "ada", "one"],
    ),
    (
        "okta",
        r#"{"sub":"00uid4","name":"Ada Lovelace","groups":["Everyone"]}"#,
        ["00uid4", ADA, "Everyone"],
    ),
    (
        "slack",
        r#"{"sub":"U0R7","https://slack.com/user_id":"U0R7","https://slack.com/team_id":"T0R7",
            "name":"Ada Lovelace","email_verified":true}"#,
        ["T0R7.U0R7", ADA, ""],
    ),
    (
        "stytch",
        r#"{"sub":"user-live-1","name":"Ada Lovelace"}"#,
        ["user-live-1", ADA, ""],
    ),
    (
        "workos-connect",
        r#"{"sub":"user_01","name":"Ada Lovelace","role":"member"}"#,
        ["user_01", ADA, "member"],
    ),
];
const ADA: &str = "Ada Lovelace";

#[test]
fn every_provider_tells_who_came() {
    for (id, claims, [subject, name, roles]) in PEOPLE {
        for email in [None, Some("ada@acme.example")] {
            let mut claims: Value = serde_json::from_str(claims).unwrap();
            claims["email"] = email.into();
            let found = upstream(id).person(&of(claims)).unwrap();
            assert_eq!(found.subject.as_str(), format!("{id}:{subject}"));
            assert_eq!(found.name.as_deref(), Some(name), "{id}");
            assert_eq!(found.email.as_deref(), email, "{id}");
            assert_eq!(found.roles.join(" "), roles, "{id}");
        }
    }
}

#[test]
fn the_answer_of_workos_tells_who_came_and_its_token_which_roles() {
    let token = json!({ "iss": "https://api.workos.com", "sub": "user_01", "org_id": "org_01", "role": "member", "permissions": ["posts:read"], "sid": "session_01" });
    let user = json!({ "object": "user", "id": "user_01", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@acme.example", "email_verified": true, "profile_picture_url": "https://p.example/a", "role": "admin", "metadata": { "role": "admin" } });
    let told = |user: &Value| {
        let body = json!({ "access_token": "a", "refresh_token": "r", "user": user });
        let answer = TokenAnswer::read(StatusCode::OK, body.to_string().as_bytes()).unwrap();
        of(token.clone()).with(Claims::of_user(&answer))
    };
    let person = upstream("workos").person(&told(&user).unwrap()).unwrap();
    assert_eq!(person.subject.as_str(), "workos:user_01");
    assert_eq!(person.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(person.email.as_deref(), Some("ada@acme.example"));
    // What is signed counts.
    assert_eq!(person.roles, ["member", "posts:read"]);
    assert_eq!(
        serde_json::from_str::<Value>(person.claims.as_json()).unwrap()["picture"],
        "https://p.example/a"
    );
    for other in [
        json!({ "id": "user_02" }),
        json!({}),
        json!(null),
        json!({ "sub": "user_02" }),
    ] {
        assert!(told(&other).is_err(), "{other}");
    }
}
