//! HTTP with SSE (2024-11-05): a stream that is opened, and messages that are answered on it.

mod ended;
mod many;
mod processes;
mod refused;
mod slow;

use bytes::Bytes;
use harness::events::Events;
use harness::{Streaming, Web, World};
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};

super::everywhere!(on_a_patient_host:
    the_first_event_says_where_to_post,
    a_client_initializes_lists_and_calls,
    the_older_name_of_the_address_takes_messages_too,
    every_answer_of_a_batch_is_an_event,
    what_wants_no_answer_has_none,
    what_no_client_can_tell_apart_is_answered_where_it_was_sent,
    two_streams_of_one_person_are_two_sessions,
    a_request_may_still_be_posted_to_the_stream_itself,
);

/// A stream that its client has opened, and where it posts.
pub(super) struct Session {
    pub(super) events: Events,
    pub(super) endpoint: String,
}

/// The request that opens a stream, with a token.
fn opening(token: &str) -> Request<Bytes> {
    let request = Request::get("/sse")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Bytes::new()).unwrap()
}

pub(super) async fn open(web: &impl Streaming, token: &str) -> Session {
    let answer = web.open(opening(token)).await;
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.headers());
    let mut events = answer.into_body();
    let first = events.next().await;
    assert_eq!(first.name, "endpoint", "{first:?}");
    Session {
        events,
        endpoint: first.data,
    }
}

fn posting(endpoint: &str, token: &str, message: &Value) -> Request<Bytes> {
    let request = Request::post(endpoint)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Bytes::from(message.to_string())).unwrap()
}

pub(super) async fn post(
    web: &impl Web,
    endpoint: &str,
    token: &str,
    message: &Value,
) -> Response<Bytes> {
    web.send(posting(endpoint, token, message)).await
}

fn request(id: u32, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn add(id: u32) -> Value {
    let params = json!({"name": "add", "arguments": {"a": 23, "b": 19}});
    request(id, "tools/call", &params)
}

/// Posts a request and reads its answer from the stream.
pub(super) async fn ask(
    web: &impl Web,
    session: &mut Session,
    token: &str,
    message: &Value,
) -> Value {
    let taken = post(web, &session.endpoint, token, message).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
    assert!(taken.body().is_empty());
    let answer = session.events.message().await;
    assert_eq!(answer["id"], message["id"], "{answer}");
    answer
}

async fn the_first_event_says_where_to_post(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let answer = world.web.open(opening(&token)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for (name, value) in [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        ("x-accel-buffering", "no"),
        (header::CACHE_CONTROL.as_str(), "no-store, no-transform"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    let first = answer.into_body().next().await;
    assert_eq!(first.name, "endpoint");
    // A client resolves it against the address of the stream, and takes none of another origin.
    let handle = first.data.strip_prefix("/messages?sessionId=").unwrap();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(handle.bytes().all(plain), "{handle}");
    assert!(!first.data.contains(&token));
}

async fn a_client_initializes_lists_and_calls(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    let hello = json!({
        "protocolVersion": "2024-11-05", "capabilities": {},
        "clientInfo": {"name": "Tester", "version": "1"},
    });
    let hello = request(0, "initialize", &hello);
    let answer = ask(&world.web, &mut session, &token, &hello).await;
    assert_eq!(answer["result"]["protocolVersion"], "2024-11-05");
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let taken = post(&world.web, &session.endpoint, &token, &ready).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    let list = request(1, "tools/list", &json!({}));
    let answer = ask(&world.web, &mut session, &token, &list).await;
    let tools = answer["result"]["tools"].as_array().unwrap();
    assert!(tools.iter().any(|tool| tool["name"] == "add"), "{answer}");
    let answer = ask(&world.web, &mut session, &token, &add(2)).await;
    assert_eq!(answer["result"]["content"][0]["text"], "42", "{answer}");
    let unknown = request(3, "tools/call", &json!({"name": "nothing"}));
    let answer = ask(&world.web, &mut session, &token, &unknown).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

async fn the_older_name_of_the_address_takes_messages_too(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    session.endpoint = session.endpoint.replace("/messages", "/sse/message");
    ask(&world.web, &mut session, &token, &add(1)).await;
}

async fn every_answer_of_a_batch_is_an_event(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    let batch = json!([add(1), {"jsonrpc": "2.0", "method": "notifications/x"}, add(2)]);
    let taken = post(&world.web, &session.endpoint, &token, &batch).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    for id in [1, 2] {
        assert_eq!(session.events.message().await["id"], id);
    }
}

async fn what_wants_no_answer_has_none(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    let note = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {}});
    let taken = post(&world.web, &session.endpoint, &token, &note).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    // What is asked next is the first thing to be answered.
    ask(&world.web, &mut session, &token, &add(7)).await;
}

async fn what_no_client_can_tell_apart_is_answered_where_it_was_sent(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    for broken in [
        "{",
        "[]",
        r#"{"jsonrpc": "1.0", "id": 1, "method": "ping"}"#,
    ] {
        let mut request = posting(&session.endpoint, &token, &Value::Null);
        *request.body_mut() = Bytes::from(broken);
        let answer = world.web.send(request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{broken}");
    }
    // A modern message answers where it is asked, so its place is `/mcp`.
    let mut modern = posting(&session.endpoint, &token, &add(1));
    let version = http::HeaderValue::from_static("2026-07-28");
    modern.headers_mut().insert("mcp-protocol-version", version);
    let answer = world.web.send(modern).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    ask(&world.web, &mut session, &token, &add(2)).await;
}

async fn two_streams_of_one_person_are_two_sessions(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut first = open(&world.web, &token).await;
    let mut second = open(&world.web, &token).await;
    assert_ne!(first.endpoint, second.endpoint);
    ask(&world.web, &mut second, &token, &add(2)).await;
    ask(&world.web, &mut first, &token, &add(1)).await;
}

async fn a_request_may_still_be_posted_to_the_stream_itself(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let answer = post(&world.web, "/sse", &token, &add(5)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = harness::client::body(&answer);
    assert_eq!(answer["result"]["content"][0]["text"], "42", "{answer}");
}
