//! Sessions of the legacy era over Streamable HTTP, as the older libraries have them.

use std::time::Duration;

use bytes::Bytes;
use harness::client::body;
use harness::{Web, World};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

super::everywhere!(on_a_patient_host:
    a_client_begins_a_session_works_in_it_and_ends_it,
    a_session_is_its_persons_and_its_clients_alone,
);

const SESSION: &str = "mcp-session-id";

/// A legacy request, in a session or in none, that says no revision of its own.
fn asked(token: &str, session: Option<&str>, method: Method, said: &Value) -> Request<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri("/mcp")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(session) = session {
        request = request.header(SESSION, session);
    }
    request.body(Bytes::from(said.to_string())).unwrap()
}

async fn send(web: &impl Web, token: &str, session: Option<&str>, said: &Value) -> Response<Bytes> {
    web.send(asked(token, session, Method::POST, said)).await
}

async fn begin(web: &impl Web, token: &str) -> String {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "Tester", "version": "1"},
    });
    let said = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let answer = send(web, token, None, &said).await;
    assert_eq!(body(&answer)["result"]["protocolVersion"], "2025-11-25");
    let session = answer.headers().get(SESSION).unwrap();
    session.to_str().unwrap().to_owned()
}

fn list() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
}

async fn end(web: &impl Web, token: &str, session: &str) -> StatusCode {
    let request = asked(token, Some(session), Method::DELETE, &json!({}));
    web.send(request).await.status()
}

/// Whether the session is over for every instance, within the five seconds for which one may
/// remember that it was not.
async fn is_over(web: &impl Web, token: &str, session: &str) -> bool {
    let mut refused = 0;
    for _ in 0..30 {
        let answer = send(web, token, Some(session), &list()).await;
        refused = if answer.status() == StatusCode::NOT_FOUND {
            refused + 1
        } else {
            0
        };
        if refused == 5 {
            return true;
        }
        web.pass(Duration::from_millis(250)).await;
    }
    false
}

async fn a_client_begins_a_session_works_in_it_and_ends_it(world: World<impl Web>) {
    let web = &world.web;
    let token = world.tokens("ada").await.access;
    let session = begin(web, &token).await;
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let answer = send(web, &token, Some(&session), &ready).await;
    assert_eq!(
        (answer.status(), answer.body().len()),
        (StatusCode::ACCEPTED, 0)
    );
    let answer = send(web, &token, Some(&session), &list()).await;
    assert!(body(&answer)["result"]["tools"].is_array());
    // The session is of 2025-11-25, which has no batches.
    let answer = send(web, &token, Some(&session), &json!([list()])).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(end(web, &token, &session).await, StatusCode::NO_CONTENT);
    assert!(is_over(web, &token, &session).await);
    // The token is as good as before, and begins another.
    let session = begin(web, &token).await;
    let answer = send(web, &token, Some(&session), &list()).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn a_session_is_its_persons_and_its_clients_alone(world: World<impl Web>) {
    let web = &world.web;
    let adas = world.tokens("ada").await.access;
    let graces = world.tokens("grace").await.access;
    let session = begin(web, &adas).await;
    for session in [session.as_str(), "nobody's"] {
        let answer = send(web, &graces, Some(session), &list()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(end(web, &graces, session).await, StatusCode::NOT_FOUND);
    }
    let client = harness::client::Client::register(web).await;
    assert_ne!(client.id, world.client.id);
    let other = World {
        web: world.web,
        browser: world.browser,
        client,
    };
    let elsewhere = other.tokens("ada").await.access;
    let web = &other.web;
    let answer = send(web, &elsewhere, Some(&session), &list()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let answer = send(web, &adas, Some(&session), &list()).await;
    assert_eq!(answer.status(), StatusCode::OK);
}
