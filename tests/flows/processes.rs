//! Two processes on one state folder are one server.

use futures::future::join_all;
use harness::client::{Tokens, body};
use harness::host::Host;
use harness::{HttpWeb, World, product};
use http::StatusCode;

/// Two hosts that share their stores.
fn two() -> (tempfile::TempDir, Host, Host) {
    let folder = tempfile::tempdir().unwrap();
    let options = product::options().state_dir(folder.path());
    let (first, second) = (super::start(&options), super::start(&options));
    (folder, first, second)
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
