//! Bodies that are written while the client reads, or does not.

use std::time::Duration;

use futures::{Stream, StreamExt};
use harness::host::Host;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{SHARED, client, eventually, post, with_url};

async fn stream(host: &Host, path: &str) -> impl Stream<Item = String> + Unpin {
    let response = client()
        .get(host.url(path))
        .send()
        .await
        .expect("the host answers");
    assert_eq!(response.headers()[CONTENT_TYPE], "text/event-stream");
    let chunks = response.bytes_stream();
    Box::pin(chunks.map(|chunk| String::from_utf8_lossy(&chunk.expect("a chunk")).into_owned()))
}

/// What the guest wrote into the store.
async fn note(key: &str) -> Option<String> {
    let read = post(
        &SHARED,
        "/host/key-value",
        json!([{ "op": "get", "key": key }]),
    )
    .await;
    read[0]["value"].as_str().map(str::to_owned)
}

/// Reads three events and tells how long the last came after the first.
async fn spread(path: &str) -> Duration {
    let mut events = stream(&SHARED, path).await;
    assert_eq!(events.next().await.as_deref(), Some("data: 0\n\n"));
    let first = Instant::now();
    let rest: String = events.collect::<Vec<_>>().await.concat();
    assert_eq!(rest, "data: 1\n\ndata: 2\n\n");
    first.elapsed()
}

#[tokio::test]
async fn an_event_arrives_when_it_is_written() {
    let spread = spread("/host/events?count=3&ms=400").await;
    assert!(spread > Duration::from_millis(600), "all within {spread:?}");
}

#[tokio::test]
async fn an_event_arrives_when_it_is_written_through_a_chained_hop() {
    let url = "http://chained.spin.internal/events?count=3&ms=400";
    let spread = spread(&with_url("/host/forward", url)).await;
    assert!(spread > Duration::from_millis(600), "all within {spread:?}");
}

#[tokio::test]
async fn a_guest_learns_that_its_reader_has_gone() {
    let chained = "http://chained.spin.internal/events?count=200&ms=50&note=gone/chained";
    for (path, key) in [
        (
            "/host/events?count=200&ms=50&note=gone/direct".to_owned(),
            "gone/direct",
        ),
        (with_url("/host/forward", chained), "gone/chained"),
    ] {
        let mut events = stream(&SHARED, &path).await;
        events.next().await.expect("an event");
        drop(events);
        assert_eq!(eventually(key, || note(key)).await, "cut");
    }
}

#[tokio::test]
async fn a_guest_that_was_read_to_the_end_is_told_nothing_else() {
    let events = stream(&SHARED, "/host/events?count=2&ms=1&note=read").await;
    events.collect::<Vec<_>>().await;
    assert_eq!(eventually("read", || note("read")).await, "complete");
}

/// 256 MiB would be written if nobody held the guest back.
#[tokio::test]
async fn a_guest_writes_no_faster_than_its_client_reads() {
    let mut flood = stream(&SHARED, "/host/flood?note=flood").await;
    let mut before = String::new();
    let stalled = loop {
        sleep(Duration::from_millis(500)).await;
        match note("flood").await {
            Some(chunks) if chunks == before => break chunks,
            chunks => before = chunks.unwrap_or_default(),
        }
    };
    let chunks: u32 = stalled.parse().unwrap();
    assert!(
        chunks < 1024,
        "{chunks} chunks of 64 KiB were taken for a client that reads nothing"
    );
    flood
        .next()
        .await
        .expect("the stream goes on when it is read");
    for _ in 0..2 * chunks {
        flood.next().await.expect("the stream goes on");
    }
}
