//! One server with a few offers, and a gateway that asks it.

use std::pin::pin;
use std::task::{Context as Waiting, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use host::{Cache as _, Clock as _, Streamed, Tasks, Unavailable};
use host_memory::{MemoryHost, MemoryInlet};
use http::{Request, Response, StatusCode};
use jose::{Secret, SigningKeys, derive};
use mcp::results::Implementation;
use mcp::{LogLevel, Tool, ToolOutput};
use oauth::Timestamp;
use oauth::assertion::Assertion;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use super::jobs;
use crate::{
    Calling, Context, Interrupted, List, Offered, Question, Questions, Server, Settings, Versions,
    handle, tool,
};

/// Tools that speak, ask and count; what else is offered is the test's to say.
pub(super) struct Small(pub(super) Offered);

pub(super) struct World {
    pub(super) host: MemoryHost,
    pub(super) settings: Settings<Small>,
}

/// What came back.
pub(super) enum Back {
    Json(StatusCode, Value),
    Stream(MemoryInlet),
}

pub(super) const TOOLS: Offered = Offered {
    tools: Some(List::Fixed),
    prompts: None,
    resources: None,
    watched: false,
    completion: false,
    logging: true,
    tasks: false,
};

impl Server<MemoryHost> for Small {
    fn implementation(&self) -> Implementation {
        Implementation {
            name: "small",
            title: "Small",
            version: "1",
        }
    }

    fn offered(&self) -> Offered {
        self.0
    }

    fn keeps<'a>(&'a self, host: &'a MemoryHost) -> Option<impl Tasks + 'a> {
        Some(host.clone())
    }

    async fn tools(&self, _: &MemoryHost, _: &Calling) -> Result<Vec<Tool>, Unavailable> {
        let strict = json!({
            "type": "object",
            "properties": {
                "a": {"type": "integer", "minimum": 1},
                "b": {"type": "string", "x-mcp-header": "Bee"},
            },
            "required": ["a"], "additionalProperties": false,
        });
        let far = json!({"$ref": "https://example.com/schema.json"});
        let result =
            json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "number"}}});
        let announcing = Tool {
            output_schema: to_raw_value(&result).ok(),
            ..tool("announce", "Gives what it got", &json!({"type": "object"}))
        };
        Ok(vec![
            tool("strict", "Takes a number", &strict),
            tool("far", "Has a schema elsewhere", &far),
            tool("speak", "Speaks", &json!({"type": "object"})),
            tool("steps", "Asks twice", &json!({"type": "object"})),
            announcing,
            tool("job", "Takes its time", &json!({"type": "object"})),
        ])
    }

    async fn call(
        &self,
        context: &Context<MemoryHost>,
        tool: &str,
        arguments: &Map<String, Value>,
    ) -> Result<ToolOutput, Interrupted> {
        match tool {
            "speak" => {
                for done in [1.0, 1.0, 0.5, 2.5] {
                    context.progress(done, 4.0);
                    context.log(LogLevel::Debug, &json!("debug"));
                    context.log(LogLevel::Warning, &json!({"warned": done}));
                    context.sleep(Duration::from_millis(100)).await;
                }
                context.progress(4.0, 4.0);
                Ok(ToolOutput::text(context.calling().person.subject.as_str()))
            }
            "steps" => {
                let schema = json!({
                    "type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}},
                });
                let form = |message: &str| Question::elicit(message, schema.clone());
                let first = context.ask(Questions::one("first", form("One?")))?;
                let second = context.ask(Questions::one("second", form("Two?")).bound())?;
                let number = |answer: Option<&crate::Answer>| {
                    answer.and_then(|answer| answer.accepted()?.get("n")?.as_i64())
                };
                let sum = number(first.get("first")).zip(number(second.get("second")));
                Ok(ToolOutput::text(sum.map_or_else(
                    || "no".to_owned(),
                    |(first, second)| (first + second).to_string(),
                )))
            }
            "job" => jobs::call(context, arguments).await,
            "announce" => Ok(ToolOutput {
                structured: to_raw_value(arguments).ok(),
                ..ToolOutput::text("announced")
            }),
            _ => Ok(ToolOutput::text(json!(arguments).to_string())),
        }
    }

    async fn versions(
        &self,
        host: &MemoryHost,
        _: &Calling,
        watched: &[String],
    ) -> Result<Versions, Unavailable> {
        let version = async |key: &str| -> Result<u64, Unavailable> {
            let kept = host.recall(key).await?;
            Ok(kept.map_or(0, |bytes| bytes.len() as u64))
        };
        let mut versions = Versions {
            tools: version("tools").await?,
            prompts: version("prompts").await?,
            resources: version("resources").await?,
            ..Versions::default()
        };
        for uri in watched {
            versions.watched.insert(uri.clone(), version(uri).await?);
        }
        Ok(versions)
    }
}

fn master() -> Secret {
    Secret::new(jose::sha256(b"master"))
}

/// An assertion of the gateway's, but for what is `otherwise`.
pub(super) fn assertion(otherwise: &Value) -> String {
    let mut claims = json!({
        "iss": "https://mcp.example.com", "sub": "dev:ada", "aud": "small", "client_id": "client",
        "scope": "mcp:tools", "iat": 1_000_000, "exp": 1_000_060,
    });
    for (name, value) in otherwise.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let claims: Assertion = serde_json::from_value(claims).unwrap();
    let (private, _) = derive::signing_pair(&master(), "assertion");
    let keys = SigningKeys::parse("assertion_key", &private).unwrap();
    keys.sign(&claims).unwrap()
}

/// A modern request; `params` with what every one has.
pub(super) fn request(method: &str, params: &Value) -> Request<Bytes> {
    let mut params = params.clone();
    let meta = &mut params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
    let capabilities = &mut meta["io.modelcontextprotocol/clientCapabilities"];
    if capabilities.is_null() {
        *capabilities = json!({"elicitation": {}, "roots": {}, "sampling": {}});
    }
    let name = params.get("name").or_else(|| params.get("uri"));
    let name = name.or_else(|| params.get("taskId"));
    let name = name.and_then(Value::as_str).map(str::to_owned);
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let mut request = Request::post("/mcp")
        .header("authorization", format!("Bearer {}", assertion(&json!({}))))
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    if let Some(name) = name {
        request = request.header("mcp-name", name);
    }
    request.body(Bytes::from(body.to_string())).unwrap()
}

/// Polls until it is ready, letting time pass where it waits.
pub(super) fn block_on<T>(host: &MemoryHost, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Waiting::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        pass(host, 50);
    }
    panic!("it never ends");
}

pub(super) fn pass(host: &MemoryHost, milliseconds: u64) {
    host.advance(Duration::from_millis(milliseconds));
    host.settle();
}

impl World {
    pub(super) fn new(offered: Offered) -> Self {
        let host = MemoryHost::at(Timestamp::from_seconds(1_000_000));
        let (_, public) = derive::signing_pair(&master(), "assertion");
        host.set_variable("assertion_public_key", &public);
        host.set_variable("state_key", &derive::symmetric(&master(), "state"));
        let settings = block_on(&host, Settings::read(&host, "small", Small(offered)));
        let settings = settings.unwrap();
        Self { host, settings }
    }

    pub(super) fn raw(&self, request: Request<Bytes>) -> Streamed<MemoryInlet> {
        block_on(&self.host, handle(&self.host, &self.settings, request))
    }

    pub(super) fn response(&self, request: Request<Bytes>) -> Response<Bytes> {
        match self.raw(request) {
            Streamed::Made(response) => response,
            Streamed::Open(..) => panic!("a stream"),
        }
    }

    pub(super) fn send(&self, request: Request<Bytes>) -> Back {
        match self.raw(request) {
            Streamed::Made(response) => {
                let body = serde_json::from_slice(response.body()).unwrap_or_default();
                Back::Json(response.status(), body)
            }
            Streamed::Open(headers, inlet) => {
                assert_eq!(headers["content-type"], "text/event-stream");
                Back::Stream(inlet)
            }
        }
    }

    /// The answer at once, in JSON.
    pub(super) fn ask(&self, method: &str, params: &Value) -> (u16, Value) {
        match self.send(request(method, params)) {
            Back::Json(status, body) => (status.as_u16(), body),
            Back::Stream(_) => panic!("{method} {params} opened a stream"),
        }
    }

    /// The events that have come so far.
    pub(super) fn events(&self, inlet: &MemoryInlet) -> Vec<Value> {
        self.host.settle();
        let bytes: Vec<u8> = std::iter::from_fn(|| inlet.read()).flatten().collect();
        let text = String::from_utf8(bytes).unwrap();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.host.now()
    }
}
