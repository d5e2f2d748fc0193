//! A store that does not answer loses nothing and lets nobody through.

use std::time::Duration;

use harness::Web;
use harness::client::{Tokens, body, call};
use http::{StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn a_sign_in_waits_for_the_store_and_then_goes_on() {
    let world = super::in_memory().await;
    let people = world.agree(&world.ask().await).await;
    world.web.host().store_is_down(true);
    let page = world.sign_in(&people, "ada").await;
    assert_eq!(page.status, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(page.page.contains("reload"), "{}", page.page);
    world.web.host().store_is_down(false);
    let back = world.browser.open(&world.web, page.url.as_str()).await;
    let code = back.parameter("code").unwrap();

    world.web.host().store_is_down(true);
    let answer = world.client.exchange(&world.web, &code).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body(&answer)["error"], "temporarily_unavailable");
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    world.web.host().store_is_down(false);
    Tokens::read(&world.client.exchange(&world.web, &code).await);
}

#[tokio::test]
async fn a_refresh_during_an_outage_signs_nobody_out() {
    let world = super::in_memory().await;
    let tokens = world.tokens("ada").await;
    world.web.host().store_is_down(true);
    let answer = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(body(&answer)["error"], "temporarily_unavailable");
    world.web.host().store_is_down(false);
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

#[tokio::test]
async fn a_call_whose_revocation_cannot_be_read_is_refused() {
    let world = super::in_memory().await;
    let token = world.tokens("ada").await.access;
    assert_eq!(
        call(&world.web, &token, "tools/list", json!({}))
            .await
            .status(),
        StatusCode::OK
    );
    world.web.host().store_is_down(true);
    // An answer may be five seconds old, and no older.
    assert_eq!(
        call(&world.web, &token, "tools/list", json!({}))
            .await
            .status(),
        StatusCode::OK
    );
    world.web.pass(Duration::from_secs(6)).await;
    let refused = call(&world.web, &token, "tools/list", json!({})).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    world.web.host().store_is_down(false);
    assert_eq!(
        call(&world.web, &token, "tools/list", json!({}))
            .await
            .status(),
        StatusCode::OK
    );
}
