//! Whom a stream is refused, and whose session it is.

use bytes::Bytes;
use harness::client::{Client, Tokens, get};
use harness::{Streaming, World};
use http::{Request, StatusCode, header};
use serde_json::json;

use super::{add, ask, open, post};

crate::flows::everywhere!(on_a_patient_host:
    without_a_token_there_is_neither_stream_nor_session,
    another_persons_session_is_not_there,
    another_clients_session_is_not_there,
    what_is_no_session_is_not_there,
    another_method_is_told_which_there_are,
    a_client_of_streamable_http_is_given_no_stream_of_the_older_transport,
    a_page_elsewhere_opens_no_stream,
);

mod hasty {
    crate::flows::everywhere!(on_a_hasty_host: a_token_that_is_over_is_refreshed);

    use super::a_token_that_is_over_is_refreshed;
}

async fn without_a_token_there_is_neither_stream_nor_session(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let session = open(&world.web, &token).await;
    let stream = get(&world.web, "/sse").await;
    let message = Request::post(&session.endpoint).header(header::CONTENT_TYPE, "application/json");
    let message = message.body(Bytes::from(add(1).to_string())).unwrap();
    for answer in [stream, world.web.send(message).await] {
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        let metadata = "/.well-known/oauth-protected-resource/sse\"";
        assert!(challenge.contains(metadata), "{challenge}");
    }
}

async fn another_persons_session_is_not_there(world: World<impl Streaming>) {
    let ada = world.tokens("ada").await.access;
    let grace = world.tokens("grace").await.access;
    let mut session = open(&world.web, &ada).await;
    let theirs = post(&world.web, &session.endpoint, &grace, &add(1)).await;
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND);
    ask(&world.web, &mut session, &ada, &add(2)).await;
}

async fn another_clients_session_is_not_there(mut world: World<impl Streaming>) {
    let here = world.tokens("ada").await.access;
    let mut session = open(&world.web, &here).await;
    let first = world.client.clone();
    world.client = Client::register(&world.web).await;
    assert_ne!(world.client.id, first.id, "two clients");
    let there = world.tokens("ada").await.access;
    let theirs = post(&world.web, &session.endpoint, &there, &add(1)).await;
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND);
    ask(&world.web, &mut session, &here, &add(2)).await;
}

async fn what_is_no_session_is_not_there(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let session = open(&world.web, &token).await;
    let altered = format!("{}A", session.endpoint);
    let twice = format!("{}&sessionId=x", session.endpoint);
    for (endpoint, status) in [
        (altered.as_str(), StatusCode::NOT_FOUND),
        ("/messages?sessionId=x", StatusCode::NOT_FOUND),
        ("/messages?sessionId=", StatusCode::NOT_FOUND),
        ("/messages", StatusCode::BAD_REQUEST),
        (&twice, StatusCode::BAD_REQUEST),
    ] {
        let answer = post(&world.web, endpoint, &token, &add(1)).await;
        assert_eq!(answer.status(), status, "{endpoint}");
    }
}

async fn another_method_is_told_which_there_are(world: World<impl Streaming>) {
    for (method, path, allowed) in [
        ("PUT", "/sse", "DELETE, GET, POST"),
        ("GET", "/mcp", "DELETE, POST"),
        ("GET", "/messages", "POST"),
        ("PUT", "/sse/message", "POST"),
    ] {
        let request = Request::builder().method(method).uri(path);
        let answer = world.web.send(request.body(Bytes::new()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers()[header::ALLOW], allowed, "{method} {path}");
    }
}

async fn a_client_of_streamable_http_is_given_no_stream_of_the_older_transport(
    world: World<impl Streaming>,
) {
    let token = world.tokens("ada").await.access;
    let mut request = super::opening(&token);
    let session = "whichever it is".parse().unwrap();
    request.headers_mut().insert("mcp-session-id", session);
    let answer = world.web.send(request).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()[header::ALLOW], "DELETE, POST");
}

async fn a_page_elsewhere_opens_no_stream(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    for (origin, status) in [
        ("https://evil.example", StatusCode::FORBIDDEN),
        (world.web.issuer(), StatusCode::OK),
    ] {
        let mut request = super::opening(&token);
        let value = origin.parse().unwrap();
        request.headers_mut().insert(header::ORIGIN, value);
        let answer = world.web.open(request).await;
        assert_eq!(answer.status(), status, "{origin}");
        if status == StatusCode::OK {
            let readable = &answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN];
            assert_eq!(readable, origin);
            assert_eq!(answer.into_body().next().await.name, "endpoint");
        }
    }
}

async fn a_token_that_is_over_is_refreshed(world: World<impl Streaming>) {
    let tokens = world.tokens("ada").await;
    let mut session = open(&world.web, &tokens.access).await;
    let lifetime = world.web.lifetimes().access_token;
    world.web.pass(lifetime).await;
    let late = post(&world.web, &session.endpoint, &tokens.access, &add(1)).await;
    assert_eq!(late.status(), StatusCode::UNAUTHORIZED);
    let next = world.client.refresh(&world.web, &tokens.refresh).await;
    let next = Tokens::read(&next).access;
    ask(&world.web, &mut session, &next, &add(2)).await;
    let ping = json!({"jsonrpc": "2.0", "id": 3, "method": "ping"});
    ask(&world.web, &mut session, &next, &ping).await;
}
