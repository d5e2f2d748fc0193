//! `requestState`, as a client brings it back.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use bytes::Bytes;
use host::{Streamed, Unavailable};
use host_memory::MemoryHost;
use http::Request;
use jose::{Secret, SigningKeys, derive};
use mcp::results::Implementation;
use mcp::{Tool, ToolOutput};
use oauth::Timestamp;
use oauth::assertion::Assertion;
use serde_json::{Map, Value, json};
use server::{
    Calling, Context, Interrupted, List, Offered, Question, Questions, Server, Settings, tool,
};

use crate::cookies::now;
use crate::jwt::edit;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Its tools ask one thing before they answer.
struct Asking;

impl Server<MemoryHost> for Asking {
    fn implementation(&self) -> Implementation {
        Implementation {
            name: "asking",
            title: "Asking",
            version: "1",
        }
    }

    fn offered(&self) -> Offered {
        Offered {
            tools: Some(List::Fixed),
            ..Offered::default()
        }
    }

    async fn tools(&self, _: &MemoryHost, _: &Calling) -> Result<Vec<Tool>, Unavailable> {
        let any = json!({"type": "object"});
        Ok(vec![
            tool("ask", "Asks", &any),
            tool("other", "Asks too", &any),
        ])
    }

    async fn call(
        &self,
        context: &Context<MemoryHost>,
        _: &str,
        _: &Map<String, Value>,
    ) -> Result<ToolOutput, Interrupted> {
        context.ask(Questions::one("sure", Question::Roots).bound())?;
        Ok(ToolOutput::text("sure"))
    }
}

struct World {
    host: MemoryHost,
    settings: Settings<Asking>,
    keys: SigningKeys<Assertion>,
}

/// Whose call it is, and which.
#[derive(Clone, Copy)]
struct Call {
    subject: &'static str,
    client: &'static str,
    tool: &'static str,
    argument: u8,
}

const CALL: Call = Call {
    subject: "dev:ada",
    client: "client",
    tool: "ask",
    argument: 1,
};

const OTHERS: [Call; 4] = [
    Call {
        subject: "dev:bob",
        ..CALL
    },
    Call {
        client: "else",
        ..CALL
    },
    Call {
        tool: "other",
        ..CALL
    },
    Call {
        argument: 2,
        ..CALL
    },
];

thread_local! {
    static WORLD: (World, String) = {
        let world = world();
        let asked = world.answer(CALL, None);
        let state = asked.pointer("/result/requestState").and_then(Value::as_str);
        let state = state.expect("a state").to_owned();
        (world, state)
    };
}

fn world() -> World {
    let host = MemoryHost::at(NOW);
    let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
    let (private, public) = derive::signing_pair(&master, "assertion");
    host.set_variable("assertion_public_key", &public);
    host.set_variable("state_key", &derive::symmetric(&master, "state"));
    World {
        settings: now(Settings::read(&host, "asking", Asking))
            .and_then(Result::ok)
            .expect("settings"),
        keys: SigningKeys::parse("assertion_key", &private).expect("keys"),
        host,
    }
}

impl World {
    fn answer(&self, call: Call, state: Option<&str>) -> Value {
        let seconds = NOW.as_seconds();
        let claims = json!({
            "iss": "https://mcp.example.com", "sub": call.subject, "aud": "asking",
            "client_id": call.client, "scope": "mcp:tools", "iat": seconds, "exp": seconds + 60,
        });
        let claims = serde_json::from_value(claims).expect("claims");
        let bearer = self.keys.sign(&claims).expect("an assertion");
        let mut params = json!({
            "name": call.tool, "arguments": {"a": call.argument},
            "inputResponses": {"sure": {"roots": []}},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {"roots": {}},
            },
        });
        if let (Some(params), Some(state)) = (params.as_object_mut(), state) {
            params.insert("requestState".to_owned(), state.into());
        }
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request = Request::post("/mcp")
            .header("authorization", format!("Bearer {bearer}"))
            .header("content-type", "application/json")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", call.tool)
            .body(Bytes::from(body.to_string()))
            .expect("a request");
        match now(server::handle(&self.host, &self.settings, request)) {
            Some(Streamed::Made(answer)) => {
                serde_json::from_slice(answer.body()).expect("the answer is JSON")
            }
            Some(Streamed::Open(..)) | None => unreachable!("a tool that only asks says nothing"),
        }
    }

    /// Whether the state that was shown is one of this call.
    fn takes(&self, call: Call, state: &str) -> bool {
        let answer = self.answer(call, Some(state));
        let code = answer.pointer("/error/code").and_then(Value::as_i64);
        let result = answer.pointer("/result/resultType").and_then(Value::as_str);
        match (code, result) {
            (Some(-32602), None) => false,
            (None, Some("complete")) => true,
            _ => unreachable!("neither taken nor refused: {answer}"),
        }
    }
}

/// A state is taken from whom it was given to, for the call in which it was given; no edit of it is
/// taken, nor anything else.
pub fn request_state(data: &[u8]) {
    WORLD.with(|(world, state)| {
        let shown = String::from_utf8_lossy(data);
        assert_eq!(world.takes(CALL, &shown), *shown == **state, "{shown}");
        let (at, by) = match data {
            [at, by, ..] => (*at, *by),
            [at] => (*at, 0),
            [] => (0, 0),
        };
        let edited = edit(state, at, by);
        assert_eq!(world.takes(CALL, &edited), edited == *state, "{edited}");
        let other = OTHERS.iter().cycle().nth(usize::from(at));
        assert!(other.is_some_and(|other| !world.takes(*other, state)));
    });
}
