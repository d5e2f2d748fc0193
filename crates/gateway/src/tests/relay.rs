//! What becomes of a call whose server speaks on the way, asks, breaks off, or never answers.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use host::{Outlet as _, Streamed, Streams as _};
use host_memory::{MemoryForwarded, MemoryHost, MemoryInlet, MemoryOutlet};
use http::{Request, Response};
use serde_json::{Value, json};

use super::world::{Seen, World, block_on, host, keys, post};
use crate::streams;

const ONE: &str = "[[server]]\nname = \"math\"\ncomponent = \"math-tools\"\n\
     [[allow]]\nroles = [\"admin\"]\ntools = [\"*\"]\n";

type Asked = Rc<RefCell<Vec<Value>>>;

/// A gateway, its streams, a server whose every answer is a stream that the test writes, and a
/// session of Ada's.
struct Speaking {
    world: World,
    asked: Asked,
    said: Rc<RefCell<Vec<MemoryOutlet>>>,
    session: String,
}

fn stream_of(headers: http::HeaderMap, inlet: MemoryInlet) -> MemoryForwarded {
    let mut answer = Response::new(Bytes::new());
    *answer.headers_mut() = headers;
    MemoryForwarded(answer, Some(inlet))
}

/// The component that holds streams.
fn hold_streams(host: &MemoryHost) {
    host.set_variable("assertion_public_key", &keys("assertion").1);
    let settings = Rc::new(block_on(streams::Settings::read(host)).unwrap());
    let of = host.clone();
    let streams = move |request: Request<Bytes>| {
        let (host, settings) = (of.clone(), Rc::clone(&settings));
        Box::pin(async move {
            Some(match streams::handle(&host, &settings, request).await {
                Streamed::Made(answer) => MemoryForwarded(answer, None),
                Streamed::Open(headers, inlet) => stream_of(headers, inlet),
            })
        }) as std::pin::Pin<Box<_>>
    };
    host.set_component("streams", Rc::new(streams));
}

impl Speaking {
    fn begin(revision: &str, capabilities: &Value) -> Self {
        let host = host();
        host.set_variable("stream_seconds", "60");
        host.set_file("/postern.toml", ONE);
        hold_streams(&host);
        let (asked, said) = (Asked::default(), Rc::<RefCell<Vec<_>>>::default());
        let (seen, outlets, of) = (Rc::clone(&asked), Rc::clone(&said), host.clone());
        let server = move |request: Request<Bytes>| {
            let message: Value = serde_json::from_slice(request.body()).unwrap();
            let (outlet, inlet) = of.stream();
            if message["method"] == "tools/call" {
                seen.borrow_mut().push(message);
                outlets.borrow_mut().push(outlet);
            }
            let answer = stream_of(mcp::event_stream::headers(), inlet);
            Box::pin(async move { Some(answer) }) as std::pin::Pin<Box<_>>
        };
        host.set_component("math-tools", Rc::new(server));
        let world = World::on(host);
        let params = json!({
            "protocolVersion": revision, "capabilities": capabilities,
            "clientInfo": {"name": "Tester", "version": "1"},
        });
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let session = world.post(&[], &hello.to_string());
        let session = session.header("mcp-session-id").to_owned();
        Self {
            world,
            asked,
            said,
            session,
        }
    }

    fn post_as(&self, otherwise: &Value, message: &Value) -> Seen {
        let token = self.world.token(otherwise);
        let headers = [
            ("accept", "application/json, text/event-stream"),
            ("mcp-session-id", self.session.as_str()),
        ];
        self.world
            .send(post(&token, &headers, &message.to_string()))
    }

    /// Calls the tool, and gets a stream.
    fn call(&self) -> MemoryInlet {
        let params = json!({"name": "add", "arguments": {"a": 1}});
        let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
        let seen = self.post_as(&json!({}), &call);
        assert_eq!(seen.header("content-type"), "text/event-stream");
        seen.stream.unwrap()
    }

    /// The server says something in the answer to the call that it was given last.
    fn say(&self, message: &Value) {
        let event = mcp::event_stream::event("message", &message.to_string());
        let mut said = self.said.borrow_mut();
        let outlet = said.last_mut().unwrap();
        assert_eq!(block_on(outlet.write(event.into())), Ok(()));
        drop(said);
        self.pass(1);
    }

    fn ask(&self, key: &str, method: &str) {
        let requests = json!({key: {"method": method, "params": {"message": "m"}}});
        let result = json!({
            "resultType": "input_required", "inputRequests": requests, "requestState": "sealed",
        });
        self.say(&json!({"jsonrpc": "2.0", "id": 7, "result": result}));
    }

    fn answer(&self, question: &Value, result: &Value) -> u16 {
        let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": result});
        let seen = self.post_as(&json!({}), &answer);
        self.pass(1);
        seen.status()
    }

    fn pass(&self, seconds: u64) {
        let host = &self.world.host;
        for _ in 0..seconds * 20 {
            host.advance(Duration::from_millis(50));
            host.settle();
        }
    }
}

/// The messages on a stream so far.
fn read(inlet: &MemoryInlet) -> Vec<Value> {
    let mut reader = mcp::event_stream::Reader::new(1 << 20);
    let chunks = std::iter::from_fn(|| inlet.read());
    let events = chunks.flat_map(|chunk| reader.read(&chunk).unwrap());
    let events = events.filter(|event| !event.data.is_empty());
    events
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect()
}

/// The one error that a stream ends with.
fn failed(inlet: &MemoryInlet) -> String {
    let messages = read(inlet);
    assert!(inlet.has_ended(), "{messages:?}");
    let last = messages.last().unwrap();
    assert_eq!(last["id"], 7, "{last}");
    last["error"]["message"].as_str().unwrap().to_owned()
}

fn forms() -> Value {
    json!({"elicitation": {}})
}

#[test]
fn a_call_is_made_anew_with_what_was_answered_and_the_servers_own_state() {
    let speaking = Speaking::begin("2025-06-18", &forms());
    let stream = speaking.call();
    speaking.ask("name", "elicitation/create");
    let question = read(&stream).pop().unwrap();
    assert_eq!(question["method"], "elicitation/create");
    let given = json!({"action": "accept", "content": {"name": "Ada"}});
    assert_eq!(speaking.answer(&question, &given), 202);
    let asked = speaking.asked.borrow();
    let [first, second] = asked.as_slice() else {
        panic!("asked {} times", asked.len());
    };
    let mut expected = first.clone();
    expected["params"]["inputResponses"] = json!({"name": given});
    expected["params"]["requestState"] = json!("sealed");
    assert_eq!(*second, expected);
    let meta = &second["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], forms());
    assert_eq!(
        meta["io.modelcontextprotocol/clientInfo"],
        json!({"name": "Tester", "version": "1"})
    );
    assert_eq!(meta["io.modelcontextprotocol/logLevel"], "info");
    let result = json!({"content": [], "resultType": "complete"});
    speaking.say(&json!({"jsonrpc": "2.0", "id": 7, "result": result}));
    assert_eq!(
        read(&stream),
        [json!({"jsonrpc": "2.0", "id": 7, "result": {"content": []}})]
    );
    assert!(stream.has_ended());
    assert_eq!(
        (
            speaking.world.host.call_count(),
            speaking.world.host.mail_counts()
        ),
        (0, (0, 0))
    );
}

#[test]
fn a_person_who_lost_the_right_meanwhile_is_refused() {
    let speaking = Speaking::begin("2025-06-18", &forms());
    let stream = speaking.call();
    speaking.ask("name", "elicitation/create");
    let question = read(&stream).pop().unwrap();
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "cancel"}});
    let seen = speaking.post_as(&json!({"roles": [], "jti": "later"}), &answer);
    assert_eq!(seen.status(), 202);
    speaking.pass(1);
    assert_eq!(failed(&stream), "unknown tool: add");
    assert_eq!(speaking.asked.borrow().len(), 1);
}

#[test]
fn silence_is_told_by_name() {
    // Nobody answers.
    let speaking = Speaking::begin("2025-06-18", &forms());
    let stream = speaking.call();
    speaking.ask("name", "elicitation/create");
    let question = read(&stream).pop().unwrap();
    speaking.pass(61);
    assert!(failed(&stream).starts_with("the client did not answer `elicitation/create` within"));
    assert_eq!(
        speaking.answer(&question, &json!({"action": "cancel"})),
        400
    );
    // The server says nothing, and its answer is dropped once it does.
    let speaking = Speaking::begin("2025-06-18", &forms());
    let stream = speaking.call();
    speaking.pass(61);
    assert_eq!(
        failed(&stream),
        "the server math has not answered within 60 seconds"
    );
    let late = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {}});
    speaking.say(&late);
    assert_eq!(speaking.world.host.work_count(), 0);
}

#[test]
fn whatever_a_server_gets_wrong_ends_the_call() {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "elicitation/create"});
    let other = json!({"jsonrpc": "2.0", "id": 8, "result": {}});
    let nothing = json!({"jsonrpc": "2.0", "id": 7, "result": {"resultType": "input_required"}});
    for (said, reason) in [
        (json!("text"), "said something that is no message"),
        (request, "asks on a stream, where nothing is asked"),
        (other, "answered another request than it was asked"),
        (
            nothing,
            "answered with something that is no JSON-RPC response",
        ),
    ] {
        let speaking = Speaking::begin("2025-06-18", &forms());
        let stream = speaking.call();
        speaking.say(&said);
        assert_eq!(failed(&stream), format!("the server math {reason}"));
    }
    let speaking = Speaking::begin("2025-06-18", &forms());
    let stream = speaking.call();
    speaking.said.borrow_mut().clear();
    speaking.pass(1);
    assert!(failed(&stream).contains("broke off"));
}

#[test]
fn a_server_asks_only_what_a_client_can_be_asked_and_not_for_ever() {
    let speaking = Speaking::begin("2025-06-18", &forms());
    let stream = speaking.call();
    speaking.ask("model", "sampling/createMessage");
    assert!(failed(&stream).contains("did not say it can give"));
    assert_eq!(speaking.world.host.call_count(), 0);
    let stream = speaking.call();
    for _ in 0..16 {
        speaking.ask("name", "elicitation/create");
        let question = read(&stream).pop().unwrap();
        assert_eq!(
            speaking.answer(&question, &json!({"action": "cancel"})),
            202
        );
    }
    speaking.ask("name", "elicitation/create");
    assert_eq!(failed(&stream), "the server math asks again and again");
}

#[test]
fn who_leaves_ends_the_call_unless_they_may_come_back() {
    let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}});
    for (revision, goes_on) in [("2025-06-18", false), ("2025-11-25", true)] {
        let speaking = Speaking::begin(revision, &forms());
        drop(speaking.call());
        speaking.pass(25);
        speaking.say(&progress);
        assert_eq!(speaking.world.host.work_count() > 0, goes_on, "{revision}");
    }
}
