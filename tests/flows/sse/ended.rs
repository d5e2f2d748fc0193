//! How a session ends: with its stream, by its time, by its client.

use std::sync::LazyLock;
use std::time::Duration;

use harness::events::Look;
use harness::host::Host;
use harness::{HttpWeb, Streaming, World, product};
use http::StatusCode;

use super::{add, ask, open, post};

/// A host that holds no stream for long, as behind a platform that would cut it.
static BRIEF: LazyLock<Host> =
    LazyLock::new(|| crate::flows::start(&product::options().variable("stream_seconds", "3")));

const BRIEFLY: Duration = Duration::from_secs(3);

async fn on_a_brief_host() -> World<HttpWeb> {
    World::new(crate::flows::web(&BRIEF)).await
}

async fn in_memory_briefly() -> World<harness::MemoryWeb> {
    let configuration = include_str!("../../../postern.toml");
    crate::flows::in_memory_with(&[("stream_seconds", "3")], configuration).await
}

mod in_memory {
    #[tokio::test]
    async fn a_stream_ends_by_its_time_and_its_session_with_it() {
        super::a_stream_ends_by_its_time_and_its_session_with_it(super::in_memory_briefly().await)
            .await;
    }

    #[tokio::test]
    async fn a_client_that_left_is_noticed() {
        super::a_client_that_left_is_noticed(crate::flows::in_memory().await).await;
    }
}

mod over_http {
    #[tokio::test]
    async fn a_stream_ends_by_its_time_and_its_session_with_it() {
        super::a_stream_ends_by_its_time_and_its_session_with_it(super::on_a_brief_host().await)
            .await;
    }

    #[tokio::test]
    async fn a_client_that_left_is_noticed() {
        super::a_client_that_left_is_noticed(crate::flows::on_a_patient_host().await).await;
    }
}

async fn a_stream_ends_by_its_time_and_its_session_with_it(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    ask(&world.web, &mut session, &token, &add(1)).await;
    assert_eq!(session.events.look(2 * BRIEFLY).await, Look::End);
    let late = post(&world.web, &session.endpoint, &token, &add(2)).await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
    // What a client does then.
    let mut next = open(&world.web, &token).await;
    ask(&world.web, &mut next, &token, &add(3)).await;
}

async fn a_client_that_left_is_noticed(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    ask(&world.web, &mut session, &token, &add(1)).await;
    let endpoint = session.endpoint.clone();
    drop(session);
    let mut status = StatusCode::ACCEPTED;
    for _ in 0..20 {
        if status != StatusCode::ACCEPTED {
            break;
        }
        world.web.pass(Duration::from_millis(500)).await;
        let answer = post(&world.web, &endpoint, &token, &add(2)).await;
        status = answer.status();
    }
    assert_eq!(status, StatusCode::NOT_FOUND);
}
