//! People are read anew over longer times than anybody waits for.

use std::time::Duration;

use futures::future::join_all;
use harness::client::{Tokens, body};
use host::FetchFailed;
use serde_json::json;
use vendors::{Endpoint, Kind, Person};

use super::anew::{QUARTER, roles, with_role};
use super::stage::{self, Stage, Vendors};

#[tokio::test]
async fn rotation_goes_on_for_a_day() {
    let stage = super::staged_in_memory().await;
    for id in ["auth0", "okta", "oidc", "microsoft"] {
        let vendor = stage.vendors.at(id);
        let mut tokens = stage.tokens(id, Person::default()).await;
        let asked = vendor.asked(Endpoint::Token);
        for _ in 0..96 {
            stage.later(QUARTER);
            tokens = stage.refreshed(&tokens).await;
        }
        assert_eq!(vendor.asked(Endpoint::Token), asked + 96, "{id}");
    }
}

#[tokio::test]
async fn a_provider_that_is_slow_or_away_keeps_everybody_waiting_and_nobody_out() {
    let stage = super::staged_in_memory().await;
    let world = &stage.world;
    let mut tokens = stage.tokens("oidc", with_role("editor")).await;
    for failed in [
        FetchFailed::Slow,
        FetchFailed::Unreachable,
        FetchFailed::TooLarge,
    ] {
        stage.later(QUARTER);
        stage.vendors.cut(Some(("/token", failed)));
        let answers = join_all((0..5).map(async |_| {
            let answer = world.client.refresh(&world.web, &tokens.refresh).await;
            body(&answer)["error"].clone()
        }))
        .await;
        assert_eq!(
            answers,
            vec![json!("temporarily_unavailable"); 5],
            "{failed:?}"
        );
        stage.vendors.cut(None);
        tokens = stage.refreshed(&tokens).await;
        assert_eq!(roles(&tokens), json!(["editor"]));
    }
}

#[tokio::test]
async fn an_operator_says_how_often_and_that_it_is_never() {
    for (minutes, before, after) in [(1, 59, 1), (60, 3599, 1), (1440, 86_399, 1)] {
        let more = format!("[provider.okta]\nrefresh_minutes = {minutes}\n");
        let stage = stage::in_memory(Vendors::of([Kind::Okta]), &more, &[]).await;
        let stage = Stage::of(stage);
        let vendor = stage.vendors.at("okta");
        let tokens = stage.tokens("okta", Person::default()).await;
        stage.later(Duration::from_secs(before));
        let tokens = stage.refreshed(&tokens).await;
        assert_eq!(vendor.asked(Endpoint::Token), 1, "{minutes}");
        stage.later(Duration::from_secs(after));
        stage.refreshed(&tokens).await;
        assert_eq!(vendor.asked(Endpoint::Token), 2, "{minutes}");
    }
    let more = "[provider.okta]\nrefresh_minutes = 0\n";
    let stage = stage::in_memory(Vendors::of([Kind::Okta]), more, &[]).await;
    let stage = Stage::of(stage);
    let vendor = stage.vendors.at("okta");
    let mut tokens = stage.tokens("okta", Person::default()).await;
    let asked = vendor.seen(Endpoint::Authorize).unwrap();
    assert_eq!(asked.parameter("scope"), Some("openid profile email"));
    for _ in 0..5 {
        stage.later(Duration::from_hours(24));
        tokens = stage.refreshed(&tokens).await;
    }
    assert_eq!(vendor.asked(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_rule_that_somebody_no_longer_fits_ends_what_they_have() {
    let stage = super::ruled_in_memory().await;
    let world = &stage.world;
    let vendor = stage.vendors.at("okta");
    let member = |groups: &[&str]| Person {
        groups: groups.iter().map(ToString::to_string).collect(),
        ..Person::default()
    };
    let tokens: Tokens = stage.tokens("okta", member(&["Everyone", "admin"])).await;
    stage.later(QUARTER);
    vendor.person(member(&["Everyone"]));
    let tokens = stage.refreshed(&tokens).await;
    assert_eq!(roles(&tokens), json!(["Everyone"]));
    stage.later(QUARTER);
    vendor.person(member(&["Alumni"]));
    let refused = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(body(&refused)["error"], "invalid_grant");
    // Who fits again signs in again.
    stage.tokens("okta", member(&["Everyone"])).await;
}

#[tokio::test]
async fn an_interrupted_reader_holds_others_up_for_a_minute_and_a_half() {
    let stage = super::staged_in_memory().await;
    let world = &stage.world;
    let tokens = stage.tokens("oidc", with_role("editor")).await;
    stage.later(QUARTER);
    // The first never hears an answer, as one whose process ended while it waited.
    let asking = world.client.refresh(&world.web, &tokens.refresh);
    stage.vendors.hang("/token");
    let interrupted = tokio::time::timeout(Duration::from_millis(100), asking).await;
    assert!(interrupted.is_err(), "{interrupted:?}");
    stage.vendors.cut(None);
    stage.later(Duration::from_secs(91));
    stage.refreshed(&tokens).await;
}
