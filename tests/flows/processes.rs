//! Two processes on one state folder are one server.

use std::time::Duration;

use futures::future::join_all;
use harness::client::{Tokens, body, call};
use harness::host::{Host, Options};
use harness::{HttpWeb, World, product};
use http::StatusCode;
use serde_json::json;

/// Two hosts that share their stores.
fn two() -> (tempfile::TempDir, Host, Host) {
    sharing(product::options())
}

/// Two of them on which little lives long.
fn two_hasty() -> (tempfile::TempDir, Host, Host) {
    sharing(product::hasty(product::options()).variable("access_token_seconds", "60"))
}

fn sharing(options: Options) -> (tempfile::TempDir, Host, Host) {
    let folder = tempfile::tempdir().unwrap();
    let options = options.state_dir(folder.path());
    let (first, second) = (super::start(&options), super::start(&options));
    (folder, first, second)
}

/// Whether nothing of a grant is accepted by either process, within the five seconds for which a
/// mark may be remembered.
async fn is_over_everywhere(world: &World<HttpWeb>, other: &HttpWeb, tokens: &Tokens) -> bool {
    for _ in 0..20 {
        let mut over = true;
        for web in [&world.web, other] {
            let called = call(web, &tokens.access, "tools/list", json!({})).await;
            over &= called.status() == StatusCode::UNAUTHORIZED;
            let refreshed = world.client.refresh(web, &tokens.refresh).await;
            over &= body(&refreshed)["error"] == "invalid_grant";
        }
        if over {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    false
}

/// Both are asked by one name, so that what one made the other may spend.
fn web(host: &Host) -> HttpWeb {
    HttpWeb::at(host.url("").trim_end_matches('/'), "http://localhost:3000")
}

#[tokio::test]
async fn a_code_is_spent_once_however_many_ask_wherever() {
    let (_folder, first, second) = two();
    let world = World::new(web(&first)).await;
    let other = web(&second);
    for _ in 0..3 {
        let code = world.code("ada").await;
        let asked = join_all((0..20).map(async |index| {
            let web = if index % 2 == 0 { &world.web } else { &other };
            world.client.exchange(web, &code).await
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = asked
            .iter()
            .partition(|answer| answer.status() == StatusCode::OK);
        assert_eq!((won.len(), lost.len()), (1, 19));
        assert!(
            lost.iter()
                .all(|answer| body(answer)["error"] == "invalid_grant")
        );
        // The grant survives a client that asked twice.
        Tokens::read(
            &world
                .client
                .refresh(&other, &Tokens::read(won[0]).refresh)
                .await,
        );
    }
}

#[tokio::test]
async fn a_family_has_one_successor_wherever_it_is_asked_for() {
    let (_folder, first, second) = two();
    let world = World::new(web(&first)).await;
    let other = web(&second);
    let mut token = world.tokens("ada").await.refresh;
    for _ in 0..3 {
        let asked = join_all((0..20).map(async |index| {
            let web = if index % 2 == 0 { &world.web } else { &other };
            Tokens::read(&world.client.refresh(web, &token).await).refresh
        }))
        .await;
        assert!(asked.iter().all(|successor| *successor == asked[0]));
        token.clone_from(&asked[0]);
    }
}

#[tokio::test]
async fn two_that_start_together_make_one_schema() {
    let (_folder, first, second) = two();
    let worlds = (
        World::new(web(&first)).await,
        World::new(web(&second)).await,
    );
    // Both find no tables, at the same moment.
    let (first, second) = tokio::join!(worlds.0.tokens("ada"), worlds.1.tokens("grace"));
    Tokens::read(&worlds.0.client.refresh(&worlds.1.web, &first.refresh).await);
    Tokens::read(
        &worlds
            .1
            .client
            .refresh(&worlds.0.web, &second.refresh)
            .await,
    );
}

#[tokio::test]
async fn a_code_that_comes_back_late_ends_its_grant_in_both_processes() {
    let (_folder, first, second) = two_hasty();
    let world = World::new(web(&first)).await;
    let other = web(&second);
    let code = world.code("ada").await;
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    // Both have just read that it is good.
    for web in [&world.web, &other] {
        let called = call(web, &tokens.access, "tools/list", json!({})).await;
        assert_eq!(called.status(), StatusCode::OK);
    }
    tokio::time::sleep(product::HASTY.code_repeat + Duration::from_millis(100)).await;
    let replayed = world.client.exchange(&other, &code).await;
    assert_eq!(body(&replayed)["error"], "invalid_grant");
    assert!(is_over_everywhere(&world, &other, &tokens).await);
}

#[tokio::test]
async fn a_fork_after_the_window_ends_the_family_in_both_processes() {
    let (_folder, first, second) = two_hasty();
    let world = World::new(web(&first)).await;
    let other = web(&second);
    let first = world.tokens("ada").await;
    let round = async || {
        let asked = join_all((0..20).map(async |index| {
            let web = if index % 2 == 0 { &world.web } else { &other };
            Tokens::read(&world.client.refresh(web, &first.refresh).await)
        }))
        .await;
        assert!(
            asked
                .iter()
                .all(|tokens| tokens.refresh == asked[0].refresh)
        );
        asked.into_iter().next().unwrap()
    };
    let successor = round().await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(
        round().await.refresh,
        successor.refresh,
        "however late the round"
    );
    let third = Tokens::read(&world.client.refresh(&other, &successor.refresh).await);
    tokio::time::sleep(product::HASTY.refresh_window + Duration::from_millis(200)).await;
    let forked = world.client.refresh(&world.web, &first.refresh).await;
    assert_eq!(
        (forked.status(), body(&forked)["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_grant"))
    );
    assert!(is_over_everywhere(&world, &other, &third).await);
}
