//! A resource server that proves itself learns what a token is; nobody else learns anything.

use std::time::Duration;

use harness::client::{Client, Tokens, body};
use harness::confidential::{Confidential, Proof};
use harness::{Web, World};
use http::StatusCode;
use serde_json::{Value, json};

super::everywhere!(on_a_staffed_host:
    a_client_learns_what_its_own_tokens_are,
    others_tokens_are_told_to_whom_the_operator_lets,
    whoever_knows_only_an_id_is_refused,
    what_is_no_token_of_this_server_is_not_active,
    what_was_revoked_is_not_active,
    what_refreshed_is_told_by_its_generation,
);

async fn look(world: &World<impl Web>, who: &Client, proof: Proof<'_>, token: &str) -> Value {
    let fields = [("token", token)];
    let answer = who
        .post_as(&world.web, "introspection_endpoint", proof, &fields)
        .await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", body(&answer));
    assert_eq!(answer.headers()[http::header::CACHE_CONTROL], "no-store");
    body(&answer)
}

async fn audited(world: &World<impl Web>, token: &str) -> Value {
    let auditor = Confidential::written_down(&world.client, "auditor");
    look(world, &auditor.client, Proof::Post(&auditor.secret), token).await
}

fn inactive() -> Value {
    json!({ "active": false })
}

async fn keepers_tokens(world: &mut World<impl Web>) -> (Confidential, Tokens) {
    let keeper = Confidential::register(&world.web, &world.client, None).await;
    let found = std::mem::replace(&mut world.client, keeper.client.clone());
    let code = world.code("ada").await;
    let proof = Proof::Basic(&keeper.secret);
    let tokens = Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
    world.client = found;
    (keeper, tokens)
}

async fn a_client_learns_what_its_own_tokens_are(mut world: World<impl Web>) {
    let (keeper, tokens) = keepers_tokens(&mut world).await;
    let proof = Proof::Basic(&keeper.secret);
    let access = look(&world, &keeper.client, proof, &tokens.access).await;
    let issuer = world.web.issuer();
    for (name, value) in [
        ("active", json!(true)),
        ("scope", json!("mcp:tools offline_access profile")),
        ("client_id", json!(keeper.client.id)),
        ("token_type", json!("Bearer")),
        ("sub", json!("dev:ada")),
        ("aud", json!(format!("{issuer}/mcp"))),
        ("iss", json!(issuer)),
    ] {
        assert_eq!(access[name], value, "{name}");
    }
    let lifetime = access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap();
    assert_eq!(lifetime, world.web.lifetimes().access_token.as_secs());
    assert!(access["jti"].is_string());
    let refresh = look(&world, &keeper.client, proof, &tokens.refresh).await;
    assert_eq!(
        (&refresh["active"], &refresh["sub"]),
        (&json!(true), &json!("dev:ada"))
    );
    assert_eq!(refresh.get("token_type"), None, "it is no bearer token");
}

async fn others_tokens_are_told_to_whom_the_operator_lets(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let curious = Confidential::register(&world.web, &world.client, None).await;
    let report = Confidential::written_down(&world.client, "report");
    for token in [&tokens.access, &tokens.refresh] {
        for who in [&curious, &report] {
            let seen = look(&world, &who.client, Proof::Basic(&who.secret), token).await;
            assert_eq!(seen, inactive(), "{}", who.client.id);
        }
        let seen = audited(&world, token).await;
        assert_eq!(
            (&seen["active"], &seen["sub"]),
            (&json!(true), &json!("dev:ada"))
        );
    }
}

async fn whoever_knows_only_an_id_is_refused(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    for who in [&world.client, &world.client.written_down("desk")] {
        let fields = [("token", tokens.access.as_str())];
        let answer = who
            .post_as(
                &world.web,
                "introspection_endpoint",
                Proof::Nothing,
                &fields,
            )
            .await;
        assert_eq!(
            (answer.status(), body(&answer)["error"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("invalid_client"))
        );
    }
    let auditor = Confidential::written_down(&world.client, "auditor");
    let answer = auditor
        .client
        .post_as(
            &world.web,
            "introspection_endpoint",
            Proof::Post(&auditor.secret),
            &[],
        )
        .await;
    assert_eq!(body(&answer)["error"], "invalid_request");
}

async fn what_is_no_token_of_this_server_is_not_active(world: World<impl Web>) {
    let code = world.code("ada").await;
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    let (head, _) = tokens.access.rsplit_once('.').unwrap();
    let (of_refresh, _) = tokens.refresh.rsplit_once('.').unwrap();
    let altered = [format!("{head}.AAAA"), format!("{of_refresh}.AAAA")];
    for token in [
        &code,
        &world.client.id,
        "x",
        "a.b.c",
        &altered[0],
        &altered[1],
    ] {
        assert_eq!(audited(&world, token).await, inactive(), "{token}");
    }
}

async fn what_was_revoked_is_not_active(world: World<impl Web>) {
    let (alone, whole) = (world.tokens("ada").await, world.tokens("ada").await);
    for token in [&alone.access, &whole.refresh] {
        let fields = [("token", token.as_str())];
        let answer = world
            .client
            .post_as(&world.web, "revocation_endpoint", Proof::Nothing, &fields)
            .await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    for (token, active) in [
        (&alone.access, false),
        (&alone.refresh, true),
        (&whole.access, false),
        (&whole.refresh, false),
    ] {
        assert_eq!(audited(&world, token).await["active"], active);
    }
}

async fn what_refreshed_is_told_by_its_generation(world: World<impl Web>) {
    let first = world.tokens("ada").await;
    let second = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    // Presenting either would still yield tokens, so neither is over; asking uses none up.
    for token in [&first.refresh, &second.refresh, &first.refresh] {
        assert_eq!(audited(&world, token).await["active"], true);
    }
    let again = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    assert_eq!(again.refresh, second.refresh);
}

#[tokio::test]
async fn what_is_over_is_not_active() {
    let world = super::in_memory().await;
    let lifetimes = world.web.lifetimes();
    let first = world.tokens("ada").await;
    let second = Tokens::read(&world.client.refresh(&world.web, &first.refresh).await);
    Tokens::read(&world.client.refresh(&world.web, &second.refresh).await);
    world
        .web
        .pass(lifetimes.refresh_window + Duration::from_secs(1))
        .await;
    assert_eq!(
        audited(&world, &first.refresh).await,
        inactive(),
        "it would be a fork"
    );
    assert_eq!(audited(&world, &second.refresh).await["active"], true);
    world
        .web
        .pass(lifetimes.access_token + Duration::from_secs(60))
        .await;
    assert_eq!(audited(&world, &second.access).await, inactive(), "expired");
    world.web.pass(lifetimes.grant_idle).await;
    assert_eq!(audited(&world, &second.refresh).await, inactive(), "idle");
}
