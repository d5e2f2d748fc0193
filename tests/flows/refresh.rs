//! Nobody is signed out by accident, and a stolen refresh token is noticed.

use std::time::Duration;

use harness::client::{Tokens, body, call};
use harness::{Web, World};
use http::StatusCode;
use serde_json::json;

super::everywhere!(on_a_hasty_host:
    forty_refreshes_have_forty_successes_and_one_successor,
    a_lost_answer_can_be_asked_for_again,
    a_token_used_long_after_its_successor_revokes_the_grant,
    a_refresh_may_ask_for_less_and_never_for_more,
    an_expired_access_token_is_challenged,
);

async fn many(world: &World<impl Web>, token: &str) -> Vec<Tokens> {
    let refreshes = (0..20).map(|_| world.client.refresh(&world.web, token));
    futures::future::join_all(refreshes)
        .await
        .iter()
        .map(Tokens::read)
        .collect()
}

async fn forty_refreshes_have_forty_successes_and_one_successor(world: World<impl Web>) {
    let first = world.tokens("ada").await;
    let mut all = many(&world, &first.refresh).await;
    world.web.pass(Duration::from_millis(500)).await;
    all.extend(many(&world, &first.refresh).await);
    assert_eq!(all.len(), 40);
    let successors: std::collections::BTreeSet<_> =
        all.iter().map(|tokens| &tokens.refresh).collect();
    assert_eq!(successors.len(), 1);
    let access: std::collections::BTreeSet<_> = all.iter().map(|tokens| &tokens.access).collect();
    assert_eq!(access.len(), 40, "each has an access token of its own");
    // Every one of the forty windows can go on with it.
    let next = many(&world, &all[0].refresh).await;
    assert!(
        next.iter()
            .all(|tokens| tokens.refresh == next[0].refresh && tokens.refresh != all[0].refresh)
    );
}

async fn a_lost_answer_can_be_asked_for_again(world: World<impl Web>) {
    let first = world.tokens("ada").await;
    let lost = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    // The answer was lost and the laptop slept: the successor is unused however late it is.
    world
        .web
        .pass(world.web.lifetimes().refresh_window * 2)
        .await;
    let again = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    assert_eq!(lost.refresh, again.refresh);
}

async fn a_token_used_long_after_its_successor_revokes_the_grant(world: World<impl Web>) {
    let first = world.tokens("ada").await;
    let second = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    let third = Tokens::read(&world.client.refresh(&world.web, &second.refresh).await);
    // Within the window a slow window of the same client is forgiven.
    let late = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    assert_eq!(late.refresh, second.refresh);
    world
        .web
        .pass(world.web.lifetimes().refresh_window + Duration::from_millis(100))
        .await;
    let theft = world.client.refresh(&world.web, &first.refresh).await;
    assert_eq!(
        (theft.status(), body(&theft)["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_grant"))
    );
    for tokens in [&second, &third] {
        let answer = world.client.refresh(&world.web, &tokens.refresh).await;
        assert_eq!(body(&answer)["error"], "invalid_grant");
    }
}

async fn a_refresh_may_ask_for_less_and_never_for_more(world: World<impl Web>) {
    let url = world
        .client
        .authorize_url(&[("scope", "mcp:tools profile")]);
    let people = world
        .agree(&world.browser.open(&world.web, &url).await)
        .await;
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    let ask = async |scope: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh.as_str()),
            ("scope", scope),
        ];
        body(&world.client.token(&world.web, &fields).await)
    };
    assert_eq!(ask("mcp:tools").await["scope"], "mcp:tools");
    assert_eq!(ask("mcp:tools profile").await["scope"], "mcp:tools profile");
    assert_eq!(ask("nothing-we-know").await["error"], "invalid_scope");
}

async fn an_expired_access_token_is_challenged(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    world
        .web
        .pass(world.web.lifetimes().access_token + Duration::from_secs(1))
        .await;
    let called = call(&world.web, &tokens.access, "tools/list", json!({})).await;
    assert_eq!(called.status(), StatusCode::UNAUTHORIZED);
    let challenge = called.headers()[http::header::WWW_AUTHENTICATE]
        .to_str()
        .unwrap();
    assert!(
        challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata=\""),
        "{challenge}"
    );
    let fresh = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    assert_eq!(
        call(&world.web, &fresh.access, "tools/list", json!({}))
            .await
            .status(),
        StatusCode::OK
    );
}
