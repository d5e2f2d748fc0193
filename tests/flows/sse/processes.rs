//! A stream is held by one process, and its messages are posted to another.

use futures::future::join_all;
use harness::events::Look;
use harness::host::Host;
use harness::{HttpWeb, World, product};
use http::StatusCode;
use std::collections::BTreeSet;
use std::time::Duration;

use super::{add, ask, open, post};

fn two() -> (tempfile::TempDir, [Host; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let options = product::options().state_dir(folder.path());
    let hosts = [(); 2].map(|()| crate::flows::start(&options));
    (folder, hosts)
}

/// Both are asked by one name, as behind a balancer.
fn web(host: &Host) -> HttpWeb {
    HttpWeb::at(host.url("").trim_end_matches('/'), "http://localhost:3000")
}

#[tokio::test]
async fn what_is_posted_to_one_process_is_answered_on_the_stream_of_another() {
    let (_folder, hosts) = two();
    let [here, there] = hosts.each_ref().map(web);
    let world = World::new(here).await;
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    for id in 0..5 {
        ask(&there, &mut session, &token, &add(id)).await;
        ask(&world.web, &mut session, &token, &add(100 + id)).await;
    }
}

#[tokio::test]
async fn each_answer_arrives_once_and_on_its_own_stream_whoever_was_asked() {
    let (_folder, hosts) = two();
    let [here, there] = hosts.each_ref().map(web);
    let world = World::new(here).await;
    let token = world.tokens("ada").await.access;
    let mut sessions = [
        open(&world.web, &token).await,
        open(&there, &token).await,
        open(&world.web, &token).await,
    ];
    let endpoints = sessions.each_ref().map(|session| session.endpoint.clone());
    let posts = (0..30_u32).map(|number| {
        let endpoint = &endpoints[number as usize % 3];
        let web = if number % 2 == 0 { &world.web } else { &there };
        let token = &token;
        async move { post(web, endpoint, token, &add(number)).await.status() }
    });
    let taken = join_all(posts).await;
    assert!(taken.iter().all(|status| *status == StatusCode::ACCEPTED));
    for (index, session) in sessions.iter_mut().enumerate() {
        let mut ids = BTreeSet::new();
        for _ in 0..10 {
            let id = session.events.message().await["id"].as_u64().unwrap();
            assert!(ids.insert(id), "{id} came twice");
            assert_eq!(id % 3, index as u64, "another stream's");
        }
        let more = session.events.look(Duration::from_secs(1)).await;
        assert_eq!(more, Look::Silence);
    }
}
