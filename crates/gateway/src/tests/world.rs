//! One gateway, a few tools, and a client that holds a token.

use std::time::Duration;

use bytes::Bytes;
use host::{Answer, Caller, ToolsetRefused};
use host_memory::{MemoryHost, MemoryInlet, MemoryTool};
use http::{HeaderName, Request, Response};
use jose::{Secret, SigningKeys, VerifyingKeys, derive};
use mcp::{Tool, ToolOutput};
use oauth::Timestamp;
use oauth::access_token::Claims;
use oauth::assertion::Assertion;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::{Settings, handle};

pub(super) const ORIGIN: &str = "https://mcp.example.com";

pub(super) const TOOLBOX: &str = "[[server]]\nname = \"toolbox\"\ntoolset = true\n";

pub(super) struct World {
    pub(super) host: MemoryHost,
    settings: Settings,
    keys: SigningKeys<Claims>,
}

/// An answer, and whether it was passed on unread.
pub(super) struct Seen {
    pub(super) answer: Response<Bytes>,
    pub(super) passed_on: bool,
    /// The rest of the answer, where it is a stream.
    pub(super) stream: Option<MemoryInlet>,
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

pub(super) fn keys(purpose: &str) -> (String, String) {
    derive::signing_pair(&Secret::new(jose::sha256(b"master")), purpose)
}

/// The verifier of the servers behind the gateway.
pub(super) fn assertion_keys() -> VerifyingKeys<Assertion> {
    VerifyingKeys::parse("assertion_public_key", &keys("assertion").1).unwrap()
}

fn tool(name: &str, call: fn(&Caller, &str) -> Result<ToolOutput, ToolsetRefused>) -> MemoryTool {
    MemoryTool {
        tool: Tool {
            name: name.to_owned(),
            title: None,
            description: None,
            input_schema: RawValue::from_string(r#"{"type":"object"}"#.to_owned()).unwrap(),
            output_schema: None,
            annotations: None,
        },
        call,
    }
}

/// A host with two tools, before anything is set that a test may want otherwise.
pub(super) fn host() -> MemoryHost {
    let host = MemoryHost::at(Timestamp::from_seconds(1_000_000));
    host.set_variable("public_url", ORIGIN);
    host.set_variable("access_token_public_key", &keys("access-token").1);
    host.set_variable("assertion_key", &keys("assertion").0);
    let master = Secret::new(jose::sha256(b"master"));
    host.set_variable("handle_key", &derive::symmetric(&master, "handle"));
    host.set_tools(tools());
    host
}

/// The tools of the toolset: one shows its arguments, the others their caller, and what they are
/// told of the credential.
pub(super) fn tools() -> Vec<MemoryTool> {
    vec![
        tool("echo", |_, arguments| Ok(ToolOutput::text(arguments))),
        tool("whoami", |caller, _| {
            let credential = caller.credential.as_ref().map_or("", |shown| shown.text());
            Ok(ToolOutput::text(format!(
                "{}{credential}",
                caller.person.subject
            )))
        }),
        tool("getToken", |caller, _| {
            let credential = caller
                .credential
                .as_ref()
                .map_or("none", |shown| shown.text());
            Ok(ToolOutput::text(credential))
        }),
    ]
}

impl World {
    pub(super) fn new(configuration: &str) -> Self {
        let host = host();
        host.set_file("/postern.toml", configuration);
        Self::on(host)
    }

    pub(super) fn on(host: MemoryHost) -> Self {
        Self {
            settings: block_on(Settings::read(&host)).unwrap(),
            keys: SigningKeys::parse("access_token_key", &keys("access-token").0).unwrap(),
            host,
        }
    }

    /// Ada's token, with some claims otherwise.
    pub(super) fn token(&self, otherwise: &Value) -> String {
        let mut claims = json!({
            "iss": ORIGIN, "sub": "dev:ada", "aud": format!("{ORIGIN}/mcp"),
            "client_id": "client", "scope": "mcp:tools profile", "iat": 999_990,
            "exp": 1_000_900, "jti": "jti", "gid": jose::encode([7; 16]),
            "name": "Ada", "roles": ["admin"],
        });
        for (name, value) in otherwise.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: Claims = serde_json::from_value(claims).unwrap();
        self.keys.sign(&claims).unwrap()
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.host.advance(Duration::from_secs(seconds));
    }

    pub(super) fn send(&self, request: Request<Bytes>) -> Seen {
        match block_on(handle(&self.host, &self.settings, request)) {
            Answer::Forwarded(forwarded, headers) => {
                let mut answer = forwarded.0;
                answer.headers_mut().extend(headers);
                Seen {
                    answer,
                    passed_on: true,
                    stream: forwarded.1,
                }
            }
            Answer::Made(answer) => Seen {
                answer,
                passed_on: false,
                stream: None,
            },
        }
    }

    /// Posts a body with Ada's token, and headers as `name: value` lines.
    pub(super) fn post(&self, headers: &[(&str, &str)], body: &str) -> Seen {
        self.send(post(&self.token(&json!({})), headers, body))
    }

    /// A legacy request's answer.
    pub(super) fn legacy(&self, method: &str, params: &Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.post(&[("mcp-protocol-version", "2025-11-25")], &body.to_string())
            .json()
    }

    /// A modern request and its answer.
    pub(super) fn modern(&self, method: &str, params: &Value) -> Seen {
        self.send(modern(&self.token(&json!({})), method, params))
    }

    /// The names of the tools that a person with this token sees.
    pub(super) fn listed(&self, token: &str) -> Vec<String> {
        let list = self.send(modern(token, "tools/list", &json!({}))).json();
        let tools = list["result"]["tools"].as_array().unwrap().clone();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }
}

/// A modern request as a client of today sends it.
pub(super) fn modern(token: &str, method: &str, params: &Value) -> Request<Bytes> {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let about = if method == "resources/read" {
        "uri"
    } else {
        "name"
    };
    let name = params[about].as_str().unwrap_or_default().to_owned();
    let name = mcp::encode_name(&name).unwrap();
    let name = name.to_str().unwrap();
    let body = json!({"jsonrpc": "2.0", "id": "a", "method": method, "params": params});
    let mut headers = vec![
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", method),
    ];
    if params[about].is_string() {
        headers.push(("mcp-name", name));
    }
    post(token, &headers, &body.to_string())
}

pub(super) fn post(token: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::post("/mcp")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

impl Seen {
    pub(super) fn status(&self) -> u16 {
        self.answer.status().as_u16()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.answer.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(self.answer.body()).unwrap()
    }
}
