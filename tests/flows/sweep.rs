//! What is over goes, a little at a time; what lives stays.

use std::time::Duration;

use harness::client::{Tokens, call};
use harness::confidential::Proof;
use harness::{MemoryWeb, Web, World, product};
use http::StatusCode;
use serde_json::json;

/// The most rows of one kind that one request removes.
const MOST: usize = 64;

/// Signs in until something was swept, and says how many grants went.
async fn swept(world: &World<MemoryWeb>) -> usize {
    for _ in 0..400 {
        let before = world.web.host().grant_count();
        world.code("grace").await;
        let gone = before + 1 - world.web.host().grant_count();
        if gone > 0 {
            return gone;
        }
    }
    unreachable!("four hundred sign-ins swept nothing");
}

async fn revoke(world: &World<MemoryWeb>, token: &str) {
    let fields = [("token", token)];
    let answer = world
        .client
        .post_as(&world.web, "revocation_endpoint", Proof::Nothing, &fields)
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_was_revoked_goes_with_its_marks_and_what_lives_stays() {
    let world = super::in_memory().await;
    let alive = world.tokens("ada").await;
    let (alone, whole) = (world.tokens("ada").await, world.tokens("ada").await);
    revoke(&world, &alone.access).await;
    revoke(&world, &whole.refresh).await;
    assert_eq!(world.web.host().mark_counts(), (2, 1));
    // While a token that was revoked could be presented, its mark is there to say so.
    world.web.pass(world.web.lifetimes().access_token).await;
    for token in [&alone.access, &whole.access] {
        let called = call(&world.web, token, "tools/list", json!({})).await;
        assert_eq!(called.status(), StatusCode::UNAUTHORIZED);
    }
    // A clock that is wrong for less than a day brings nothing back.
    world.web.pass(Duration::from_secs(26 * 3600)).await;
    assert_eq!(swept(&world).await, 1, "the grant that was revoked");
    assert_eq!(world.web.host().mark_counts(), (0, 0));
    for tokens in [&alive, &alone] {
        Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    }
}

#[tokio::test]
async fn codes_that_nobody_spent_go_and_a_sweep_takes_only_so_many() {
    let world = super::in_memory().await;
    let alive = world.tokens("ada").await;
    let waiting = world.code("ada").await;
    for _ in 0..MOST * 2 {
        world.code("ada").await;
    }
    // The cookie of such a sign-in is over, and so is its code.
    world.web.pass(Duration::from_secs(1201)).await;
    assert_eq!(swept(&world).await, MOST);
    assert_eq!(swept(&world).await, MOST);
    assert_eq!(swept(&world).await, 1);
    let late = world.client.exchange(&world.web, &waiting).await;
    assert_eq!(harness::client::body(&late)["error"], "invalid_grant");
    Tokens::read(&world.client.refresh(&world.web, &alive.refresh).await);
}

#[tokio::test]
async fn grants_whose_time_is_over_go() {
    let world = super::in_memory().await;
    world.tokens("ada").await;
    world.web.pass(world.web.lifetimes().grant).await;
    let young = world.tokens("ada").await;
    world.web.pass(Duration::from_secs(1201)).await;
    assert_eq!(swept(&world).await, 1);
    Tokens::read(&world.client.refresh(&world.web, &young.refresh).await);
}

#[tokio::test]
async fn a_database_loses_what_is_over_and_keeps_what_lives() {
    let folder = tempfile::tempdir().unwrap();
    let host = super::start(&product::options().state_dir(folder.path()));
    let world = World::new(super::web(&host)).await;
    let (alive, over) = (world.tokens("ada").await, world.tokens("ada").await);
    let given_back = world.tokens("ada").await;
    let fields = [("token", given_back.refresh.as_str())];
    let endpoint = "revocation_endpoint";
    let answer = world
        .client
        .post_as(&world.web, endpoint, Proof::Nothing, &fields)
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let unspent = world.code("ada").await;
    let database = rusqlite::Connection::open(folder.path().join("sqlite_db.db")).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    // Time cannot be told here, so the rows are made as old as they would be.
    for aged in [
        "UPDATE grants SET pended_at = 1 WHERE state = 'pending'",
        "UPDATE grants SET revoked_at = 1 WHERE state = 'revoked'",
        "UPDATE grants SET expires_at = 1 WHERE rowid = \
         (SELECT MAX(rowid) FROM grants WHERE state = 'live')",
        "UPDATE sessions SET expires_at = 1",
        "INSERT INTO replays (id, until) VALUES ('jti:old', 1)",
    ] {
        assert!(database.execute(aged, []).unwrap() > 0, "{aged}");
    }
    let old = || {
        let count = "SELECT (SELECT COUNT(*) FROM grants \
             WHERE pended_at = 1 OR revoked_at = 1 OR expires_at = 1) \
             + (SELECT COUNT(*) FROM sessions WHERE expires_at = 1) \
             + (SELECT COUNT(*) FROM replays WHERE until = 1)";
        database
            .query_row(count, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert!(old() >= 5, "{} rows are old", old());
    for _ in 0..400 {
        if old() == 0 {
            break;
        }
        world.code("grace").await;
    }
    assert_eq!(old(), 0);
    for refused in [
        world.client.refresh(&world.web, &over.refresh).await,
        world.client.exchange(&world.web, &unspent).await,
    ] {
        assert_eq!(harness::client::body(&refused)["error"], "invalid_grant");
    }
    Tokens::read(&world.client.refresh(&world.web, &alive.refresh).await);
}
