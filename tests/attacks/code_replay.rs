//! Code replay. The attacker has a code that was spent, the id of the client it was for, and
//! sometimes that client's verifier; they want tokens, or the victim signed out.
//!
//! *Invariant:* a replay yields nothing, and ends the victim's grant only in the hands of somebody
//! who could have spent the code.

use harness::World;
use harness::client::{Tokens, VERIFIER, call};
use harness::{MemoryWeb, Web};
use serde_json::json;

use super::{assert_refused, assert_tokens_work, registered};
use crate::flows::in_memory;

/// A victim whose code was spent a minute ago.
async fn spent() -> (World<MemoryWeb>, String, Tokens) {
    let world = in_memory().await;
    let code = world.code("ada").await;
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    world.web.pass(std::time::Duration::from_secs(60)).await;
    (world, code, tokens)
}

#[tokio::test]
async fn who_lacks_the_verifier_cannot_sign_the_victim_out() {
    let (world, code, tokens) = spent().await;
    let (thief, _) = registered(&world.web, &world.client, &json!({})).await;
    let answer = thief.exchange(&world.web, &code).await;
    assert_refused(&answer, 400, "invalid_grant", "another client");
    let other_verifier = VERIFIER.replace('d', "e");
    for (redirect, verifier) in [
        (harness::client::REDIRECT, other_verifier.as_str()),
        ("http://127.0.0.1:1/callback", VERIFIER),
        ("https://evil.example/", VERIFIER),
    ] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", verifier),
            ("redirect_uri", redirect),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_refused(&answer, 400, "invalid_grant", redirect);
    }
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
        ("resource", "https://evil.example/mcp"),
    ];
    let answer = world.client.token(&world.web, &fields).await;
    assert_refused(&answer, 400, "invalid_target", "another resource");
    assert_tokens_work(&world, &tokens).await;
}

#[tokio::test]
async fn a_full_copy_ends_what_the_code_bought_for_both() {
    let (world, code, tokens) = spent().await;
    let answer = world.client.exchange(&world.web, &code).await;
    assert_refused(&answer, 400, "invalid_grant", "the replay");
    let answer = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_refused(&answer, 400, "invalid_grant", "the refresh token");
    let answer = call(&world.web, &tokens.access, "tools/list", json!({})).await;
    assert_refused(&answer, 401, "invalid_token", "the access token");
    // It stays dead, and the next sign-in does not suffer from it.
    for _ in 0..3 {
        let answer = world.client.exchange(&world.web, &code).await;
        assert_refused(&answer, 400, "invalid_grant", "once more");
    }
    super::assert_unharmed(&world).await;
}

#[tokio::test]
async fn a_flood_of_replays_within_moments_is_a_retry_and_buys_nothing() {
    let world = in_memory().await;
    let code = world.code("ada").await;
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    for _ in 0..50 {
        let answer = world.client.exchange(&world.web, &code).await;
        assert_refused(&answer, 400, "invalid_grant", "a repeat");
    }
    assert_eq!(world.web.host().grant_count(), 1);
    assert_tokens_work(&world, &tokens).await;
}
