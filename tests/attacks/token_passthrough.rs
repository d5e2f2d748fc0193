//! Token passthrough. The attacker runs another service, or a tool, and has tokens that were issued
//! for it, or waits for ours; they want one service's token to open another.
//!
//! *Invariant:* only tokens that we issued for this resource open it, and what a tool is told holds
//! no credential of its caller.

use harness::Web;
use harness::World;
use harness::client::{body, call, message};
use http::header;
use jose::{Secret, SigningKeys, derive};
use oauth::access_token::Claims;
use serde_json::{Value, json};

use super::{assert_refused, assert_tokens_work, claims};

super::everywhere!(on_a_patient_host:
    a_token_of_another_service_opens_nothing,
    a_token_is_taken_from_one_place_alone,
    a_tool_learns_who_calls_and_holds_nothing_to_call_with,
);

async fn a_token_of_another_service_opens_nothing(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    // Another deployment of this very product, with keys of its own and every claim alike.
    let master = Secret::new(jose::sha256(b"another deployment"));
    let (private, _) = derive::signing_pair(&master, "access-token");
    let keys = SigningKeys::<Claims>::parse("access_token_key", &private).unwrap();
    let known: Claims = serde_json::from_value(claims(&tokens.access)).unwrap();
    let elsewhere = keys.sign(&known).unwrap();
    for token in [
        elsewhere.as_str(),
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
        "ya29.a0AfH6SMBx",
        "xoxb-1234-5678",
        "sk-ant-api03-x",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20ifQ.AAAA",
        "Bearer x",
        "undefined",
        "null",
        "''",
        "*",
    ] {
        let answer = call(&world.web, token, "tools/list", json!({})).await;
        assert_refused(&answer, 401, "invalid_token", token);
        let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.contains("resource_metadata="), "{challenge}");
        assert!(!challenge.contains(token) || token.len() < 3, "{challenge}");
    }
    assert_tokens_work(&world, &tokens).await;
}

async fn a_token_is_taken_from_one_place_alone(world: World<impl Web>) {
    let token = world.tokens("ada").await.access;
    let without = || {
        let mut request = message("x", "tools/list", json!({}));
        request.headers_mut().remove(header::AUTHORIZATION);
        request
    };
    for (name, value) in [
        ("cookie", format!("access_token={token}")),
        ("cookie", format!("Authorization=Bearer {token}")),
        ("x-access-token", token.clone()),
        ("x-api-key", token.clone()),
        ("proxy-authorization", format!("Bearer {token}")),
        ("x-forwarded-access-token", token.clone()),
        ("x-authorization", format!("Bearer {token}")),
        ("authorization", token.clone()),
        ("authorization", format!("Token {token}")),
        ("authorization", format!("Basic {token}")),
        ("authorization", format!("DPoP {token}")),
        ("authorization", format!("Bearer: {token}")),
        ("authorization", format!("Bearer={token}")),
        ("authorization", format!("Bearer\t{token}")),
        ("authorization", "Bearer".to_owned()),
    ] {
        let mut request = without();
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = world.web.send(request).await;
        let forwarded = name.starts_with("x-forwarded");
        let (status, error) = match (forwarded, name) {
            (true, _) => (421, "invalid_request"),
            // Where keys are shown, it is a key that nobody has.
            (false, "x-api-key") => (401, "invalid_token"),
            (false, _) => (401, "authentication_required"),
        };
        assert_refused(&answer, status, error, &format!("{name}: {value}"));
    }
    for query in ["access_token", "token", "authorization", "bearer_token"] {
        let mut request = without();
        *request.uri_mut() = format!("/mcp?{query}={token}").parse().unwrap();
        let answer = world.web.send(request).await;
        assert_refused(&answer, 401, "authentication_required", query);
    }
    let mut twice = message(&token, "tools/list", json!({}));
    twice
        .headers_mut()
        .append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
    assert_refused(
        &world.web.send(twice).await,
        400,
        "invalid_request",
        "two of them",
    );
    // In the body it is nothing but words, and is not repeated.
    let mut request = without();
    *request.body_mut() =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "access_token": token})
            .to_string()
            .into();
    let answer = world.web.send(request).await;
    assert_refused(&answer, 401, "authentication_required", "in the body");
    assert!(!String::from_utf8_lossy(answer.body()).contains(&token));
}

async fn a_tool_learns_who_calls_and_holds_nothing_to_call_with(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let params = json!({"name": "getUserInfo", "arguments": {}});
    let answer = call(&world.web, &tokens.access, "tools/call", params).await;
    let told = body(&answer)["result"].to_string();
    assert!(told.contains("dev:ada"), "{told}");
    let signature = tokens.access.rsplit_once('.').unwrap().1;
    let held: [&Value; 2] = [
        &claims(&tokens.access)["jti"],
        &claims(&tokens.access)["gid"],
    ];
    for secret in [signature, &tokens.refresh, "Bearer"] {
        assert!(!told.contains(secret), "{told}");
    }
    for id in held {
        assert!(!told.contains(id.as_str().unwrap()), "{told}");
    }
}
