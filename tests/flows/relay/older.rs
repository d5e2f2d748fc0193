//! The same over HTTP with SSE: everything comes on the one stream.

use harness::{Streaming, World};
use http::StatusCode;
use serde_json::json;

use super::{call, everything, request, text};
use crate::flows::sse::{ask, open, post};

crate::flows::everywhere!(on_a_speaking_host or in_a_speaking_memory:
    a_stream_carries_what_is_said_and_asked_on_the_way,
);

async fn a_stream_carries_what_is_said_and_asked_on_the_way(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let mut session = open(&world.web, &token).await;
    let hello = json!({
        "protocolVersion": "2024-11-05", "capabilities": everything(),
        "clientInfo": {"name": "Tester", "version": "1"},
    });
    let hello = request(0, "initialize", &hello);
    ask(&world.web, &mut session, &token, &hello).await;
    let endpoint = session.endpoint.clone();
    let progress = call(1, "test_tool_with_progress", &json!({}));
    let taken = post(&world.web, &endpoint, &token, &progress).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    for progress in [0, 50, 100] {
        let said = session.events.message().await;
        assert_eq!(said["params"]["progress"], progress, "{said}");
    }
    assert_eq!(session.events.message().await["id"], 1);
    let question = call(2, "test_elicitation", &json!({"message": "m"}));
    post(&world.web, &endpoint, &token, &question).await;
    let question = session.events.message().await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let result = json!({"action": "decline"});
    let given = json!({"jsonrpc": "2.0", "id": question["id"], "result": result});
    let taken = post(&world.web, &endpoint, &token, &given).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    let answer = session.events.message().await;
    assert_eq!(answer["id"], 2);
    assert!(text(&answer).contains("action: decline"), "{answer}");
    // The stream goes on.
    let ping = request(3, "ping", &json!({}));
    ask(&world.web, &mut session, &token, &ping).await;
}
