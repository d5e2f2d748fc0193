//! A client that opens a stream and does not read it.

use std::time::{Duration, Instant};

use http::StatusCode;
use serde_json::json;

use super::{add, ask, open, post};

/// Sockets take a few of these before anybody has to wait.
const LARGE: usize = 3 << 20;

#[tokio::test]
async fn a_reader_that_does_not_read_holds_up_nobody_and_its_session_ends() {
    let world = crate::flows::on_a_patient_host().await;
    let token = world.tokens("ada").await.access;
    let slow = open(&world.web, &token).await;
    let mut quick = open(&world.web, &token).await;
    // An answer bears its question's id, so it is as large.
    let large = json!({"jsonrpc": "2.0", "id": "x".repeat(LARGE), "method": "ping"});
    let mut full = false;
    for _ in 0..12 {
        let taken = post(&world.web, &slow.endpoint, &token, &large).await;
        let status = taken.status();
        assert!(status == StatusCode::ACCEPTED || status == StatusCode::TOO_MANY_REQUESTS);
        full |= status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(full, "whatever nobody reads is kept");
    #[expect(
        clippy::disallowed_methods,
        reason = "a story over HTTP has this machine's clock"
    )]
    let began = Instant::now();
    let mut number = 10;
    loop {
        number += 1;
        let question = add(number);
        let answer = ask(&world.web, &mut quick, &token, &question);
        let answer = tokio::time::timeout(Duration::from_secs(2), answer).await;
        assert!(answer.is_ok(), "after {:?}", began.elapsed());
        let answer = post(&world.web, &slow.endpoint, &token, &add(2)).await;
        if answer.status() == StatusCode::NOT_FOUND {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(50), "it goes on");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    ask(&world.web, &mut quick, &token, &add(1)).await;
}
