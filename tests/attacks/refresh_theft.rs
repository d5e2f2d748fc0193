//! Refresh theft. The attacker copied the victim's refresh token, and knows the id of the public
//! client that it was issued to; they want to stay signed in as the victim.
//!
//! *Invariant:* two hands on one grant end it, and only what could have been presented honestly
//! changes anything.

use std::time::Duration;

use harness::client::{Tokens, call};
use harness::{Web, World};
use serde_json::json;

use super::{assert_refused, assert_tokens_work, registered};
use crate::flows::in_memory;

super::everywhere!(on_a_patient_host:
    a_stolen_token_is_nothing_to_another_client,
    a_token_is_its_own_bytes_and_no_others,
    a_refresh_token_is_no_other_credential,
);

async fn a_stolen_token_is_nothing_to_another_client(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let basic = json!({"token_endpoint_auth_method": "client_secret_post"});
    let (public, _) = registered(&world.web, &world.client, &json!({})).await;
    let (secret, answer) = registered(&world.web, &world.client, &basic).await;
    let stolen = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh.as_str()),
    ];
    for _ in 0..3 {
        let answer = public.token(&world.web, &stolen).await;
        assert_refused(&answer, 400, "invalid_grant", "another public client");
    }
    let proof = ("client_secret", answer["client_secret"].as_str().unwrap());
    let answer = secret
        .token(&world.web, &[stolen[0], stolen[1], proof])
        .await;
    assert_refused(
        &answer,
        400,
        "invalid_grant",
        "another client with a secret",
    );
    let answer = world
        .client
        .token(&world.web, &[stolen[0], stolen[1], ("client_id", "")])
        .await;
    assert_refused(&answer, 401, "invalid_client", "no client");
    // The victim notices nothing.
    assert_tokens_work(&world, &tokens).await;
}

async fn a_token_is_its_own_bytes_and_no_others(world: World<impl Web>) {
    let (own, theirs) = (world.tokens("ada").await, world.tokens("mallory").await);
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(&own.refresh), parts(&theirs.refresh));
    let id = jose::decode(&one[1]).unwrap();
    let (grant, _) = id.split_at(16);
    let generation = |number: u64| {
        let id = [grant, &number.to_be_bytes()].concat();
        format!("{}.{}.{}", one[0], jose::encode(id), one[2])
    };
    let forged = [
        generation(0),
        generation(2),
        generation(u64::MAX),
        format!("{}.{}.{}", one[0], one[1], other[2]),
        format!("{}.{}.{}", one[0], other[1], one[2]),
        format!("{}.{}.{}", one[0], jose::encode(grant), one[2]),
        format!("{}.{}.{}", one[0], jose::encode([0; 24]), one[2]),
        format!("{}.{}.{}", one[0], one[1], jose::encode([0; 32])),
        format!("{}.{}.", one[0], one[1]),
        format!("{}.{}", one[0], one[1]),
        format!("{}.", own.refresh),
        format!("{}=", own.refresh),
        format!(" {}", own.refresh),
        "x".repeat(20_000),
    ];
    for forged in &forged {
        let answer = world.client.refresh(&world.web, forged).await;
        assert_refused(&answer, 400, "invalid_grant", forged);
    }
    assert_tokens_work(&world, &own).await;
    assert_tokens_work(&world, &theirs).await;
}

async fn a_refresh_token_is_no_other_credential(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let answer = call(&world.web, &tokens.refresh, "tools/list", json!({})).await;
    assert_refused(&answer, 401, "invalid_token", "as an access token");
    let answer = world.client.exchange(&world.web, &tokens.refresh).await;
    assert_refused(&answer, 400, "invalid_grant", "as a code");
    let answer = world.client.refresh(&world.web, &tokens.access).await;
    assert_refused(
        &answer,
        400,
        "invalid_grant",
        "an access token in its place",
    );
    let mut client = world.client.clone();
    client.id.clone_from(&tokens.refresh);
    let answer = client.refresh(&world.web, &tokens.refresh).await;
    assert_refused(&answer, 401, "invalid_client", "as a client id");
    assert_tokens_work(&world, &tokens).await;
}

#[tokio::test]
async fn a_thief_and_a_victim_who_both_refresh_are_both_signed_out() {
    let world = in_memory().await;
    let stolen = world.tokens("ada").await;
    // The thief is first; the victim, who knows nothing, gets the same successor.
    let thief = Tokens::read(&world.client.refresh(&world.web, &stolen.refresh).await);
    let victim = Tokens::read(&world.client.refresh(&world.web, &stolen.refresh).await);
    assert_eq!(
        thief.refresh, victim.refresh,
        "one family, however many hold it"
    );
    // An hour later each goes on from what they hold, out of step.
    let window = world.web.lifetimes().refresh_window;
    let next = Tokens::read(&world.client.refresh(&world.web, &thief.refresh).await);
    let next = Tokens::read(&world.client.refresh(&world.web, &next.refresh).await);
    world.web.pass(window + Duration::from_secs(1)).await;
    let answer = world.client.refresh(&world.web, &victim.refresh).await;
    assert_refused(&answer, 400, "invalid_grant", "the fork is noticed");
    // Everything either of them holds is over, at once or when the mark is read again.
    world.web.pass(Duration::from_secs(6)).await;
    for tokens in [&stolen, &thief, &victim, &next] {
        let answer = world.client.refresh(&world.web, &tokens.refresh).await;
        assert_refused(
            &answer,
            400,
            "invalid_grant",
            "a refresh token of the family",
        );
        let answer = call(&world.web, &tokens.access, "tools/list", json!({})).await;
        assert_refused(
            &answer,
            401,
            "invalid_token",
            "an access token of the family",
        );
    }
    super::assert_unharmed(&world).await;
}

#[tokio::test]
async fn a_stolen_token_ends_with_its_grant_however_often_it_is_refreshed() {
    let world = in_memory().await;
    let mut tokens = world.tokens("ada").await;
    let lifetimes = world.web.lifetimes();
    let step = lifetimes.grant_idle - Duration::from_secs(60);
    let mut passed = Duration::ZERO;
    while passed + step < lifetimes.grant {
        world.web.pass(step).await;
        passed += step;
        tokens = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    }
    world.web.pass(lifetimes.grant - passed).await;
    let answer = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_refused(&answer, 400, "invalid_grant", "the grant's time is over");
}
