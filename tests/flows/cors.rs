//! Web pages that call: whose scripts may, and that those which may can read every answer.
//!
//! *Invariant:* an origin that may not call gets no header that would let it read.

use bytes::Bytes;
use harness::{HttpWeb, MemoryWeb, Web, product};
use http::{Method, Request, Response};

const LISTED: &str = "https://app.example.com";

/// Origins, and whether their pages may call.
type Judged = &'static [(&'static str, bool)];

/// What an operator may set, and for each origin whether its pages may call. In development, as
/// here, those of this machine may too.
const MATRIX: [(Option<&str>, Judged); 4] = [
    (
        None,
        &[
            (LISTED, false),
            ("null", false),
            ("http://localhost:6274", true),
            ("http://127.0.0.1:6274", true),
        ],
    ),
    (
        Some("https://app.example.com"),
        &[
            (LISTED, true),
            ("https://APP.example.com", false),
            ("https://app.example.com:8443", false),
            ("http://app.example.com", false),
            ("https://app.example.com.evil.example", false),
            ("https://evil.example", false),
            ("null", false),
        ],
    ),
    (
        Some("https://other.example, HTTPS://App.Example.com ,"),
        &[
            (LISTED, true),
            ("https://other.example", true),
            ("https://evil.example", false),
        ],
    ),
    (
        Some("*"),
        &[
            (LISTED, true),
            ("https://evil.example", true),
            ("null", true),
        ],
    ),
];

async fn ask(
    web: &impl Web,
    (method, path): (&Method, &str),
    headers: &[(&str, &str)],
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    web.send(request.body(Bytes::from(body)).unwrap()).await
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

async fn holds(web: &impl Web, allowed: &[(&str, bool)]) {
    for path in ["/mcp", "/sse"] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            for (origin, may) in allowed {
                let origin_header = [("origin", *origin), ("content-type", "application/json")];
                let answer = ask(web, (&method, path), &origin_header).await;
                let what = format!("{method} {path} from {origin}");
                let status = answer.status().as_u16();
                let readable = header(&answer, "access-control-allow-origin");
                if *may {
                    assert_ne!(status, 403, "{what}");
                    assert_eq!(readable, *origin, "{what}");
                    assert_eq!(header(&answer, "vary"), "origin", "{what}");
                    assert_readable(&answer, &method, &what);
                } else {
                    assert_eq!((status, readable), (403, ""), "{what}");
                }
                assert!(header(&answer, "access-control-allow-credentials").is_empty());
            }
            // What is no page has no origin, and may ask.
            let answer = ask(web, (&method, path), &[]).await;
            assert_ne!(answer.status(), 403, "{method} {path}");
            assert!(header(&answer, "access-control-allow-origin").is_empty());
        }
    }
}

/// A 401, a 405 or a preflight that a page can read.
fn assert_readable(answer: &Response<Bytes>, method: &Method, what: &str) {
    let exposed = header(answer, "access-control-expose-headers");
    for name in ["www-authenticate", "mcp-session-id", "mcp-protocol-version"] {
        assert!(exposed.contains(name), "{what}: {exposed}");
    }
    if *method == Method::POST {
        assert_eq!(answer.status(), 401, "{what}");
        assert!(!header(answer, "www-authenticate").is_empty(), "{what}");
    }
    if *method == Method::OPTIONS {
        assert_eq!(answer.status(), 204, "{what}");
        let methods = header(answer, "access-control-allow-methods");
        assert!(methods.contains("POST"), "{what}: {methods}");
        assert_eq!(header(answer, "access-control-max-age"), "86400");
        let sent = header(answer, "access-control-allow-headers");
        for name in [
            "authorization",
            "x-api-key",
            "content-type",
            "accept",
            "mcp-protocol-version",
            "mcp-session-id",
            "last-event-id",
            "mcp-method",
            "mcp-name",
        ] {
            assert!(
                sent.split(", ").any(|listed| listed == name),
                "{what}: {sent}"
            );
        }
    }
}

#[tokio::test]
async fn an_origin_may_call_exactly_where_it_may_read_in_memory() {
    for (set, allowed) in MATRIX {
        let variables = set.map(|set| ("allowed_origins", set));
        let toml = include_str!("../../postern.toml");
        let web = MemoryWeb::operated(variables.as_slice(), toml).await;
        holds(&web, allowed).await;
    }
}

#[tokio::test]
async fn an_origin_may_call_exactly_where_it_may_read_over_http() {
    for (set, allowed) in MATRIX {
        let options = product::options();
        let options = match set {
            Some(set) => options.variable("allowed_origins", set),
            None => options,
        };
        let host = super::start(&options);
        let web: HttpWeb = super::web(&host);
        holds(&web, allowed).await;
    }
}

#[tokio::test]
async fn health_is_for_every_page() {
    let web = MemoryWeb::new().await;
    let over_http = super::web(&super::PATIENT);
    check_health(&web).await;
    check_health(&over_http).await;
}

async fn check_health(web: &impl Web) {
    let answer = ask(
        web,
        (&Method::GET, "/health"),
        &[("origin", "https://evil.example")],
    )
    .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    let said = harness::client::body(&answer);
    for name in ["status", "timestamp", "service"] {
        assert!(said[name].is_string(), "{name}: {said}");
    }
}
