//! Streams of 2025-11-25, which a client takes up again where they broke off.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use harness::events::{Events, Look};
use harness::host::Host;
use harness::{HttpWeb, MemoryWeb, Streaming, World};
use http::{Request, Response, StatusCode, header};
use serde_json::json;
use tempfile::TempDir;

use super::{FIXTURES, SESSION, Talking, call, everything, last, speaking, text};

crate::flows::everywhere!(on_a_speaking_host or in_a_speaking_memory:
    a_stream_that_broke_off_is_taken_up_where_it_did,
    what_is_left_of_a_stream_is_its_sessions_alone,
);

const REVISION: &str = "2025-11-25";

/// A host that holds no stream for long.
static BRIEF: LazyLock<(TempDir, Host)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let host = crate::flows::start(&speaking(&folder).variable("stream_seconds", "3"));
    (folder, host)
});

async fn on_a_brief_host() -> World<HttpWeb> {
    World::new(crate::flows::web(&BRIEF.1)).await
}

async fn in_memory_briefly() -> World<MemoryWeb> {
    crate::flows::in_memory_with(&[("stream_seconds", "3")], FIXTURES).await
}

mod briefly {
    mod in_memory {
        #[tokio::test]
        async fn a_call_outlives_the_streams_that_its_server_closes() {
            let world = super::super::in_memory_briefly().await;
            super::super::a_call_outlives_the_streams_that_its_server_closes(world).await;
        }

        #[tokio::test]
        async fn an_answer_that_is_long_in_coming_comes_on_a_stream() {
            let world = super::super::in_memory_briefly().await;
            super::super::an_answer_that_is_long_in_coming_comes_on_a_stream(world).await;
        }
    }
    mod over_http {
        #[tokio::test]
        async fn a_call_outlives_the_streams_that_its_server_closes() {
            let world = super::super::on_a_brief_host().await;
            super::super::a_call_outlives_the_streams_that_its_server_closes(world).await;
        }

        #[tokio::test]
        async fn an_answer_that_is_long_in_coming_comes_on_a_stream() {
            let world = super::super::on_a_brief_host().await;
            super::super::an_answer_that_is_long_in_coming_comes_on_a_stream(world).await;
        }
    }
}

async fn resume<W: Streaming>(client: &Talking<'_, W>, id: &str) -> Response<Events> {
    let request = Request::get("/mcp")
        .header(header::AUTHORIZATION, format!("Bearer {}", client.token))
        .header(header::ACCEPT, "text/event-stream")
        .header(SESSION, &client.session)
        .header("last-event-id", id);
    client.web.open(request.body(Bytes::new()).unwrap()).await
}

async fn a_stream_that_broke_off_is_taken_up_where_it_did(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin_in(REVISION, &world.web, &token, &everything()).await;
    let arguments = json!({"message": "m"});
    let mut events = client.open(&call(1, "test_elicitation", &arguments)).await;
    assert_eq!(events.look(Duration::from_millis(10)).await, Look::Silence);
    let primed = events.last_id().to_owned();
    assert!(!primed.is_empty(), "the first event is an id");
    let question = events.message().await;
    let asked = events.last_id().to_owned();
    assert_ne!(asked, primed);
    drop(events);
    client.answer(&question, json!({"action": "decline"})).await;
    let mut rest = resume(&client, &asked).await.into_body();
    let answer = last(&mut rest).await;
    assert_eq!(answer["id"], 1);
    assert!(text(&answer).contains("action: decline"), "{answer}");
    // Whoever lost more gets more, and who has all of it nothing.
    let mut rest = resume(&client, &primed).await.into_body();
    assert_eq!(rest.message().await["id"], question["id"]);
    assert_eq!(last(&mut rest).await["id"], 1);
    let nothing = resume(&client, rest.last_id()).await;
    assert_eq!(nothing.status(), StatusCode::GONE);
}

async fn what_is_left_of_a_stream_is_its_sessions_alone(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let graces = world.tokens("grace").await.access;
    let client = Talking::begin_in(REVISION, &world.web, &token, &everything()).await;
    let arguments = json!({"message": "m"});
    let mut events = client.open(&call(1, "test_elicitation", &arguments)).await;
    events.message().await;
    let id = events.last_id().to_owned();
    for token in [&token, &graces] {
        let other = Talking::begin_in(REVISION, &world.web, token, &everything()).await;
        assert_eq!(resume(&other, &id).await.status(), StatusCode::GONE);
    }
    let theirs = Talking {
        web: &world.web,
        token: &graces,
        session: client.session.clone(),
    };
    assert_eq!(resume(&theirs, &id).await.status(), StatusCode::NOT_FOUND);
    for id in ["x", "", "x.y.1", &format!("{id}0.1")] {
        assert_eq!(resume(&client, id).await.status(), StatusCode::GONE, "{id}");
    }
    assert_eq!(resume(&client, &id).await.status(), StatusCode::OK);
}

async fn a_call_outlives_the_streams_that_its_server_closes(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin_in(REVISION, &world.web, &token, &everything()).await;
    let arguments = json!({"message": "m"});
    let mut events = client.open(&call(1, "test_elicitation", &arguments)).await;
    let question = events.message().await;
    for _ in 0..2 {
        assert_eq!(events.look(Duration::from_secs(6)).await, Look::End);
        let id = events.last_id().to_owned();
        events = resume(&client, &id).await.into_body();
    }
    client.answer(&question, json!({"action": "decline"})).await;
    assert!(text(&last(&mut events).await).contains("action: decline"));
}

async fn an_answer_that_is_long_in_coming_comes_on_a_stream(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin_in(REVISION, &world.web, &token, &json!({})).await;
    let mut events = client.open(&call(1, "test_reconnection", &json!({}))).await;
    let answer = last(&mut events).await;
    assert_eq!(answer["id"], 1);
    assert_eq!(
        text(&answer),
        "The call was finished, whoever was connected"
    );
}
