//! Many streams that wait, and nobody else who has to.

use std::time::Duration;

use futures::future::join_all;
use harness::{World, product};
use http::StatusCode;

use super::{add, ask, open, post};

/// More than two instances hold.
const STREAMS: usize = 260;
const AT_ONCE: usize = 16;
/// Each of so many is told something, one after the other.
const TOLD: usize = 8;
const PROMISED: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_message_reaches_an_idle_stream_among_many_within_two_seconds() {
    let host = crate::flows::start(&product::options());
    let world = World::new(crate::flows::web(&host)).await;
    let token = world.tokens("ada").await.access;
    let mut sessions = Vec::new();
    while sessions.len() < STREAMS {
        // Ordinary calls come in between, and find other instances.
        let called = post(&world.web, "/mcp", &token, &add(0)).await;
        assert_eq!(called.status(), StatusCode::OK);
        let more = (0..AT_ONCE).map(|_| open(&world.web, &token));
        sessions.extend(join_all(more).await);
    }
    // By now nobody has been at work for a while, and every stream has been kept alive once.
    tokio::time::sleep(Duration::from_secs(22)).await;
    for session in sessions.iter_mut().step_by(TOLD) {
        let question = add(1);
        let answer = ask(&world.web, session, &token, &question);
        let answer = tokio::time::timeout(PROMISED, answer).await;
        assert!(answer.is_ok(), "an answer took longer than {PROMISED:?}");
    }
}
