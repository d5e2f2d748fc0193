//! `Mcp-Session-Id`, as somebody sends it who has a good token.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use bytes::Bytes;
use gateway::Settings;
use host::Answer;
use host_memory::MemoryHost;
use http::{HeaderValue, Request, Response, StatusCode};
use jose::{Secret, SigningKeys, derive};
use oauth::Timestamp;
use oauth::access_token::Claims;
use serde_json::json;

use crate::cookies::now;
use crate::jwt::edit;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const ORIGIN: &str = "https://mcp.example.com";

struct Server {
    host: MemoryHost,
    settings: Settings,
    token: String,
}

thread_local! {
    static SERVER: (Server, String) = {
        let server = server();
        let session = server.begin();
        (server, session)
    };
}

fn server() -> Server {
    let host = MemoryHost::at(NOW);
    let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
    let pair = |purpose| derive::signing_pair(&master, purpose);
    let (signing, verifying) = pair("access-token");
    for (name, value) in [
        ("public_url", ORIGIN),
        ("access_token_public_key", &verifying),
        ("assertion_key", &pair("assertion").0),
        ("handle_key", &derive::symmetric(&master, "handle")),
    ] {
        host.set_variable(name, value);
    }
    host.set_file(
        "/postern.toml",
        "[[server]]\nname = \"toolbox\"\ntoolset = true\n",
    );
    let claims: Claims = serde_json::from_value(json!({
        "iss": ORIGIN, "sub": "dev:ada", "aud": format!("{ORIGIN}/mcp"), "client_id": "client",
        "scope": "mcp:tools", "iat": NOW.as_seconds(), "exp": NOW.as_seconds() + 900,
        "jti": "jti", "gid": jose::encode([7; 16]), "roles": [],
    }))
    .expect("claims");
    let keys = SigningKeys::<Claims>::parse("access_token_key", &signing).expect("keys");
    Server {
        settings: now(Settings::read(&host))
            .and_then(Result::ok)
            .expect("settings"),
        token: keys.sign(&claims).expect("a token"),
        host,
    }
}

impl Server {
    fn send(&self, session: Option<HeaderValue>, body: String) -> Response<Bytes> {
        let mut request = Request::post("/mcp")
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Bytes::from(body))
            .expect("a request");
        if let Some(session) = session {
            request.headers_mut().insert("mcp-session-id", session);
        }
        let answer = now(gateway::handle(&self.host, &self.settings, request));
        match answer.expect("the host in memory never waits") {
            Answer::Made(answer) => answer,
            Answer::Forwarded(..) => unreachable!("there is no server behind this one"),
        }
    }

    fn begin(&self) -> String {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}});
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let answer = self.send(None, body.to_string());
        let session = answer.headers().get("mcp-session-id");
        let session = session.and_then(|value| value.to_str().ok());
        session.expect("a session").to_owned()
    }

    fn ping(&self, session: HeaderValue) -> StatusCode {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        self.send(Some(session), body.to_string()).status()
    }
}

/// No session is made up, and none is come by through another's id.
pub fn session(data: &[u8]) {
    SERVER.with(|(server, session)| {
        let (at, by) = match data {
            [at, by, ..] => (*at, *by),
            [at] => (*at, 0),
            [] => (0, 0),
        };
        let edited = edit(session, at, by);
        for shown in [data, edited.as_bytes()] {
            let Ok(value) = HeaderValue::from_bytes(shown) else {
                continue;
            };
            let expected = if shown.trim_ascii() == session.as_bytes() {
                StatusCode::OK
            } else {
                StatusCode::NOT_FOUND
            };
            assert_eq!(server.ping(value), expected, "{shown:?}");
        }
    });
}
