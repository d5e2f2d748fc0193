//! What a server behind the gateway says on the way and asks, as clients up to 2025-11-25 meet it.

mod asked;
mod older;
mod processes;
mod resumed;

use std::sync::LazyLock;

use bytes::Bytes;
use harness::client::body;
use harness::events::{Events, Look};
use harness::host::{Host, Options};
use harness::{HttpWeb, MemoryWeb, Streaming, World, product};
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

super::everywhere!(on_a_speaking_host or in_a_speaking_memory:
    what_a_server_says_on_the_way_comes_before_its_answer,
    a_log_is_as_long_as_its_reader_wants_it,
    a_client_that_takes_no_stream_gets_the_answer_alone,
    what_is_answered_at_once_is_no_stream,
);

const FIXTURES: &str = "[[server]]\nname = \"fixtures\"\ncomponent = \"fixtures\"\n";

const SESSION: &str = "mcp-session-id";

/// A host behind whose gateway there is a server that says and asks things.
static SPEAKING: LazyLock<(TempDir, Host)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let host = super::start(&speaking(&folder));
    (folder, host)
});

fn speaking(folder: &TempDir) -> Options {
    product::options_with_fixtures(folder.path(), FIXTURES)
}

pub(crate) async fn on_a_speaking_host() -> World<HttpWeb> {
    World::new(super::web(&SPEAKING.1)).await
}

pub(crate) async fn in_a_speaking_memory() -> World<MemoryWeb> {
    super::in_memory_with(&[], FIXTURES).await
}

/// A client with a session over Streamable HTTP.
struct Talking<'a, W> {
    web: &'a W,
    token: &'a str,
    session: String,
}

/// What a client can be asked that can be asked everything.
fn everything() -> Value {
    json!({"elicitation": {}, "sampling": {}, "roots": {"listChanged": true}})
}

fn request(id: u32, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn call(id: u32, tool: &str, arguments: &Value) -> Value {
    let meta = json!({"progressToken": "how far"});
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    request(id, "tools/call", &params)
}

fn posting(token: &str, session: Option<&str>, message: &Value) -> Request<Bytes> {
    let mut request = Request::post("/mcp")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    if let Some(session) = session {
        request = request.header(SESSION, session);
    }
    request.body(Bytes::from(message.to_string())).unwrap()
}

impl<'a, W: Streaming> Talking<'a, W> {
    async fn begin(web: &'a W, token: &'a str, capabilities: &Value) -> Self {
        Self::begin_in("2025-06-18", web, token, capabilities).await
    }

    async fn begin_in(revision: &str, web: &'a W, token: &'a str, capabilities: &Value) -> Self {
        let hello = json!({
            "protocolVersion": revision, "capabilities": capabilities,
            "clientInfo": {"name": "Tester", "version": "1"},
        });
        let hello = posting(token, None, &request(0, "initialize", &hello));
        let answer = web.send(hello).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let session = answer.headers()[SESSION].to_str().unwrap().to_owned();
        assert!(session.len() < 1000, "{}", session.len());
        Self {
            web,
            token,
            session,
        }
    }

    /// Posts a message whose answer is no stream.
    async fn post(&self, message: &Value) -> Response<Bytes> {
        let request = posting(self.token, Some(&self.session), message);
        self.web.send(request).await
    }

    /// Posts a request whose answer is a stream.
    async fn open(&self, message: &Value) -> Events {
        let request = posting(self.token, Some(&self.session), message);
        let answer = self.web.open(request).await;
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.headers());
        let kind = &answer.headers()[header::CONTENT_TYPE];
        assert_eq!(kind, "text/event-stream", "{message}");
        answer.into_body()
    }

    /// Answers a question.
    async fn answer(&self, question: &Value, result: Value) {
        let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": result});
        let taken = self.post(&answer).await;
        assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
        assert!(taken.body().is_empty());
    }
}

/// The last message of a stream, after which it ends.
async fn last(events: &mut Events) -> Value {
    let last = events.message().await;
    assert_eq!(events.look(Duration::from_secs(5)).await, Look::End);
    last
}

fn text(answer: &Value) -> &str {
    let text = answer["result"]["content"][0]["text"].as_str();
    assert!(text.is_some(), "no text: {answer}");
    text.unwrap()
}

async fn what_a_server_says_on_the_way_comes_before_its_answer(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &json!({})).await;
    let mut events = client
        .open(&call(1, "test_tool_with_progress", &json!({})))
        .await;
    for progress in [0, 50, 100] {
        let said = events.message().await;
        assert_eq!(said["method"], "notifications/progress");
        let params = json!({"progressToken": "how far", "progress": progress, "total": 100});
        assert_eq!(said["params"], params);
    }
    let answer = last(&mut events).await;
    assert_eq!(answer["id"], 1);
    assert_eq!(text(&answer), "Tool with progress executed successfully");
    assert_eq!(answer["result"]["resultType"], Value::Null);
    // Without a session there is nobody to ask, but as much to say.
    let bare = posting(
        &token,
        None,
        &call(2, "test_tool_with_progress", &json!({})),
    );
    let mut events = world.web.open(bare).await.into_body();
    assert_eq!(events.message().await["params"]["progress"], 0);
}

async fn a_log_is_as_long_as_its_reader_wants_it(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &json!({})).await;
    let log = call(1, "test_logging_tool", &json!({}));
    for (level, levels) in [
        (None, vec!["info", "error"]),
        (Some("error"), vec!["error"]),
        (Some("debug"), vec!["debug", "info", "error"]),
    ] {
        if let Some(level) = level {
            let set = request(7, "logging/setLevel", &json!({"level": level}));
            let set = client.post(&set).await;
            assert_eq!(body(&set)["result"], json!({}));
            // Another instance may have heard the last word five seconds ago.
            world.web.pass(Duration::from_millis(5100)).await;
        }
        let mut events = client.open(&log).await;
        for expected in levels {
            let said = events.message().await;
            assert_eq!(said["method"], "notifications/message");
            assert_eq!(said["params"]["level"], expected);
        }
        last(&mut events).await;
    }
    let set = request(7, "logging/setLevel", &json!({"level": "loud"}));
    assert_eq!(body(&client.post(&set).await)["error"]["code"], -32602);
    let bare = request(7, "logging/setLevel", &json!({"level": "info"}));
    let bare = world.web.send(posting(&token, None, &bare)).await;
    assert_eq!(body(&bare)["error"]["code"], -32602, "nobody would keep it");
}

async fn a_client_that_takes_no_stream_gets_the_answer_alone(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    for (tool, arguments, expected) in [
        ("test_simple_text", json!({}), None),
        ("test_elicitation", json!({"message": "m"}), Some(-32021)),
    ] {
        let message = call(1, tool, &arguments);
        let mut request = posting(&token, Some(&client.session), &message);
        let json = http::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::ACCEPT, json);
        let answer = body(&world.web.send(request).await);
        assert_eq!(answer["error"]["code"].as_i64(), expected, "{answer}");
    }
}

async fn what_is_answered_at_once_is_no_stream(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let answer = client.post(&call(1, "test_simple_text", &json!({}))).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(
        text(&body(&answer)),
        "This is a simple text response for testing."
    );
}
