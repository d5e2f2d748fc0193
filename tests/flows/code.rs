//! An authorization code buys tokens once, for the client and the verifier it was made for.

use harness::client::{Client, Tokens, VERIFIER, body, call};
use harness::{Web, World};
use http::StatusCode;
use serde_json::json;

super::everywhere!(on_a_hasty_host:
    who_fails_a_check_neither_spends_nor_burns_a_code,
    a_repeat_within_moments_is_refused_and_the_grant_survives,
    a_repeat_later_revokes_what_the_code_bought,
    a_code_expires,
);

fn refused(answer: &http::Response<bytes::Bytes>) -> String {
    assert_eq!(
        answer.status(),
        StatusCode::BAD_REQUEST,
        "{}",
        String::from_utf8_lossy(answer.body())
    );
    body(answer)["error"].as_str().unwrap().to_owned()
}

async fn who_fails_a_check_neither_spends_nor_burns_a_code(world: World<impl Web>) {
    let code = world.code("ada").await;
    let thief = Client::register(&world.web).await;
    let usual = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let kept = usual
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        kept.chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
    };
    let other_verifier = "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let cases = [
        (with(&[("code_verifier", other_verifier)]), "invalid_grant"),
        (with(&[("code_verifier", "short")]), "invalid_request"),
        (with(&[("code_verifier", "")]), "invalid_request"),
        (
            with(&[("redirect_uri", "http://127.0.0.1:33419/callback")]),
            "invalid_grant",
        ),
        (
            with(&[("resource", "https://other.example/mcp")]),
            "invalid_target",
        ),
        (with(&[("code", "a.b.c")]), "invalid_grant"),
        (
            with(&[("grant_type", "password")]),
            "unsupported_grant_type",
        ),
        (with(&[("grant_type", "")]), "invalid_request"),
    ];
    for (fields, error) in &cases {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            refused(&world.client.token(&world.web, &fields).await),
            *error,
            "{fields:?}"
        );
    }
    assert_eq!(
        refused(&thief.exchange(&world.web, &code).await),
        "invalid_grant"
    );
    Tokens::read(&world.client.exchange(&world.web, &code).await);
}

async fn a_repeat_within_moments_is_refused_and_the_grant_survives(world: World<impl Web>) {
    let code = world.code("ada").await;
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    assert_eq!(
        refused(&world.client.exchange(&world.web, &code).await),
        "invalid_grant"
    );
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

async fn a_repeat_later_revokes_what_the_code_bought(world: World<impl Web>) {
    let code = world.code("ada").await;
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    world
        .web
        .pass(world.web.lifetimes().code_repeat + std::time::Duration::from_millis(50))
        .await;
    assert_eq!(
        refused(&world.client.exchange(&world.web, &code).await),
        "invalid_grant"
    );
    assert_eq!(
        refused(&world.client.refresh(&world.web, &tokens.refresh).await),
        "invalid_grant"
    );
    let called = call(
        &world.web,
        &tokens.access,
        "tools/call",
        json!({"name": "add", "arguments": {"a": 1, "b": 1}}),
    )
    .await;
    assert_eq!(called.status(), StatusCode::UNAUTHORIZED);
}

async fn a_code_expires(world: World<impl Web>) {
    let code = world.code("ada").await;
    world
        .web
        .pass(world.web.lifetimes().code + std::time::Duration::from_millis(50))
        .await;
    assert_eq!(
        refused(&world.client.exchange(&world.web, &code).await),
        "invalid_grant"
    );
}
