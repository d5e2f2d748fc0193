//! What clients of each protocol date may expect of an authorization server and its resource.
//!
//! *Invariant:* every story is told in every date that it is about, in memory and over HTTP, and a
//! client sends what that date lets it send.

mod authorization_security;
mod authorization_server;
mod client_registration;
mod protected_resource;
mod token_lifecycle;

use std::time::Duration;

use bytes::Bytes;
use harness::browser::Screen;
use harness::client::{REDIRECT, Tokens, VERIFIER, body};
use harness::{Web, World};
use http::{HeaderValue, Request, Response, StatusCode, header};
use oauth::Timestamp;
use oauth::grant::Lifetimes;
use serde_json::{Value, json};

/// A revision of the Model Context Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Date {
    D20250326,
    D20250618,
    D20251125,
    D20260728,
}

const EVERY_DATE: [Date; 4] = [
    Date::D20250326,
    Date::D20250618,
    Date::D20251125,
    Date::D20260728,
];

/// A server as a client of one date speaks to it.
struct Dated<W> {
    web: W,
    date: Date,
}

impl Date {
    const fn as_str(self) -> &'static str {
        match self {
            Self::D20250326 => "2025-03-26",
            Self::D20250618 => "2025-06-18",
            Self::D20251125 => "2025-11-25",
            Self::D20260728 => "2026-07-28",
        }
    }
}

impl<W: Web> Web for Dated<W> {
    fn issuer(&self) -> &str {
        self.web.issuer()
    }

    async fn send(&self, mut request: Request<Bytes>) -> Response<Bytes> {
        // The first date has no such header.
        request.headers_mut().remove("mcp-protocol-version");
        if self.date > Date::D20250326 {
            let value = HeaderValue::from_static(self.date.as_str());
            request.headers_mut().insert("mcp-protocol-version", value);
        }
        self.web.send(request).await
    }

    fn lifetimes(&self) -> Lifetimes {
        self.web.lifetimes()
    }

    fn now(&self) -> Timestamp {
        self.web.now()
    }

    async fn pass(&self, time: Duration) {
        self.web.pass(time).await;
    }

    fn is_in_memory(&self) -> bool {
        self.web.is_in_memory()
    }
}

async fn dated<W: Web>(web: W, date: Date) -> World<Dated<W>> {
    println!("as a client of {}", date.as_str());
    World::new(Dated { web, date }).await
}

/// A message that lists tools, as this date writes it.
fn list_tools(date: Date, token: Option<&str>) -> Request<Bytes> {
    let mut message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {} });
    let mut request = Request::post("/mcp")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    if date >= Date::D20260728 {
        message["params"]["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": date.as_str(),
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        request = request.header("Mcp-Method", "tools/list");
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Bytes::from(message.to_string())).unwrap()
}

/// Lists tools with this token, or without any.
async fn tools(world: &World<Dated<impl Web>>, token: Option<&str>) -> Response<Bytes> {
    world.web.send(list_tools(world.web.date, token)).await
}

/// The error of an OAuth answer, with its status.
fn error(answer: &Response<Bytes>) -> (u16, String) {
    let code = body(answer)["error"].as_str().unwrap().to_owned();
    (answer.status().as_u16(), code)
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

/// Opens the usual authorization request with these parameters in place of the usual.
async fn ask(world: &World<impl Web>, more: &[(&str, &str)]) -> Screen {
    let url = world.client.authorize_url(more);
    world.browser.open(&world.web, &url).await
}

/// A code for a request with these parameters, on a browser that nobody used before.
async fn code_for(world: &World<impl Web>, more: &[(&str, &str)]) -> String {
    world.browser.forget();
    let people = world.agree(&ask(world, more).await).await;
    let back = world.sign_in(&people, "ada").await;
    back.parameter("code").unwrap()
}

/// Spends a code, with these parameters in place of the usual.
async fn exchange(
    world: &World<impl Web>,
    code: &str,
    more: &[(&'static str, &str)],
) -> Response<Bytes> {
    let usual = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    let fields: Vec<_> = kept.chain(more).copied().collect();
    world.client.token(&world.web, &fields).await
}

/// That the code is as good as it was.
async fn is_not_burnt(world: &World<Dated<impl Web>>, code: &str) {
    let tokens = Tokens::read(&exchange(world, code, &[]).await);
    let listed = tools(world, Some(&tokens.access)).await;
    assert_eq!(listed.status(), StatusCode::OK, "{}", body(&listed));
}

/// The claims of an access token.
fn claims(token: &str) -> Value {
    let claims = jose::decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// The challenge of an answer.
fn challenge(answer: &Response<Bytes>) -> String {
    let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str();
    challenge.unwrap().to_owned()
}

/// Tells stories in every date from `$since` on, in memory and over HTTP.
macro_rules! in_every_date {
    ($($group:ident since $since:ident: $($story:ident),* $(,)?;)*) => {
        $(mod $group {
            use crate::conformance::{Date, EVERY_DATE, dated};

            fn dates() -> impl Iterator<Item = Date> {
                EVERY_DATE.into_iter().filter(|date| *date >= Date::$since)
            }

            mod in_memory {
                $(#[tokio::test]
                async fn $story() {
                    for date in super::dates() {
                        let web = crate::flows::staffed_memory().await;
                        super::super::$story(super::dated(web, date).await).await;
                    }
                })*
            }

            mod over_http {
                $(#[tokio::test]
                async fn $story() {
                    // Side by side, since some of them wait.
                    let stories = super::dates().map(async |date| {
                        let web = crate::flows::staffed_web();
                        super::super::$story(super::dated(web, date).await).await;
                    });
                    futures::future::join_all(stories).await;
                })*
            }
        })*
    };
}
use in_every_date;
