//! Attacks, one to a file: who the attacker is, what they have and what they want, told to the end,
//! at which they have nothing and the victim's own sign-in goes on.
//!
//! *Invariant:* a refusal here is exact: status, code, and that nothing was spent by it.
#![expect(
    clippy::panic,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "a table of tricks is as long as there are tricks, and what is cut up is ASCII"
)]

mod audience_confusion;
mod clickjacking;
mod client_assertion;
mod client_impersonation;
mod code_injection;
mod code_replay;
mod confused_deputy;
mod cross_client;
mod csrf;
mod dns_rebinding;
mod header_injection;
mod key_confusion;
mod log_scan;
mod mix_up;
mod open_redirect;
mod parser_confusion;
mod pkce_downgrade;
mod private_routes;
mod provider_keys;
mod redirect_uri;
mod refresh_theft;
mod request_smuggling;
mod scope_escalation;
mod session_fixation;
mod ssrf;
mod swapped_seals;
mod token_passthrough;
mod upstream_keys;
mod xss;

use bytes::Bytes;
use harness::browser::{Browser, Screen};
use harness::client::{Client, Tokens, body, call, post_json};
use harness::{Web, World};
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::flows::everywhere;

const FORM: &str = "application/x-www-form-urlencoded";

/// The status and the error code of an answer in JSON.
fn verdict(answer: &Response<Bytes>) -> (u16, String) {
    let error = body(answer)["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer.status().as_u16(), error)
}

/// Whether an answer is this refusal.
fn assert_refused(answer: &Response<Bytes>, status: u16, error: &str, what: &str) {
    assert_eq!(verdict(answer), (status, error.to_owned()), "{what}");
}

/// Whether what a browser shows is a page that refuses, and leads nowhere.
fn assert_page(screen: &Screen, what: &str) {
    assert_eq!(screen.status, Some(StatusCode::BAD_REQUEST), "{what}");
    assert!(!screen.headers.contains_key(header::LOCATION), "{what}");
}

/// A form as it travels.
fn encoded<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name.as_ref(), value.as_ref());
    }
    form.finish()
}

/// Posts these bytes with these headers and no others.
async fn post(
    web: &impl Web,
    address: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut request = Request::post(address);
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    web.send(request.body(body.into()).unwrap()).await
}

/// Asks for an address with these headers.
async fn get_with(web: &impl Web, address: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let mut request = Request::get(address);
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    web.send(request.body(Bytes::new()).unwrap()).await
}

/// What a browser sends in `Cookie`.
fn cookies(browser: &Browser) -> String {
    let cookies = browser.cookies();
    let pairs: Vec<_> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ")
}

/// A client that registers with this metadata besides the usual.
async fn registered(web: &impl Web, like: &Client, metadata: &Value) -> (Client, Value) {
    let mut wanted = json!({
        "client_name": "Tester", "redirect_uris": [harness::client::REDIRECT],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in metadata.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    let answer = post_json(web, "/register", &wanted).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{wanted}");
    let answer = body(&answer);
    let client = Client {
        id: answer["client_id"].as_str().unwrap().to_owned(),
        ..like.clone()
    };
    (client, answer)
}

/// The other identity that one process has in development: a name that is as local.
fn neighbour(web: &impl Web) -> String {
    web.issuer().replace("localhost", "127.0.0.1")
}

fn authority(issuer: &str) -> &str {
    issuer.trim_start_matches("http://")
}

/// What a token says, without asking whether it is true.
pub(crate) fn claims(token: &str) -> Value {
    let claims = jose::decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// Sends one request byte for byte and reads until the server closes.
async fn raw(issuer: &str, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(authority(issuer))
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let read = tokio::time::timeout(std::time::Duration::from_secs(20), read).await;
    // A server that resets what it does not read has answered all the same.
    let _ = read.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The victim's tokens still do what they did.
async fn assert_tokens_work(world: &World<impl Web>, tokens: &Tokens) {
    let listed = call(&world.web, &tokens.access, "tools/list", json!({})).await;
    assert_eq!(listed.status(), StatusCode::OK);
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

/// The victim signs in and calls as if nothing had happened.
async fn assert_unharmed(world: &World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let params = json!({"name": "add", "arguments": {"a": 23, "b": 19}});
    let called = call(&world.web, &tokens.access, "tools/call", params).await;
    assert_eq!(body(&called)["result"]["content"][0]["text"], "42");
}
