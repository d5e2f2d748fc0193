//! Who gets in, and what each refusal looks like.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use serde_json::{Value, json};

use super::world::{TOOLS, World, assertion, request};
use crate::{List, Offered};

fn with(name: &'static str, value: &str) -> Request<Bytes> {
    let mut request = request("tools/list", &json!({}));
    let value = HeaderValue::from_str(value).unwrap();
    request.headers_mut().insert(name, value);
    request
}

fn with_body(body: &str) -> Request<Bytes> {
    let mut request = request("tools/list", &json!({}));
    *request.body_mut() = Bytes::from(body.to_owned());
    request
}

fn bearer(otherwise: &Value) -> Request<Bytes> {
    with("authorization", &format!("Bearer {}", assertion(otherwise)))
}

#[test]
fn only_the_gateway_is_answered_and_only_for_a_minute() {
    let world = World::new(TOOLS);
    let status = |request| world.response(request).status().as_u16();
    assert_eq!(status(bearer(&json!({}))), 200);
    for (what, request) in [
        ("another component", bearer(&json!({"aud": "streams"}))),
        ("an old one", bearer(&json!({"exp": 1_000_000}))),
        ("no JWT", with("authorization", "Bearer x")),
        ("another scheme", with("authorization", "Basic x")),
    ] {
        let response = world.response(request);
        assert_eq!(response.status(), 401, "{what}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer", "{what}");
    }
    let mut bare = request("tools/list", &json!({}));
    bare.headers_mut().remove("authorization");
    assert_eq!(status(bare), 401);
    // What was believed is remembered, and not beyond its minute.
    let again = request("tools/list", &json!({}));
    world
        .host
        .set_now(world.now().plus(Duration::from_secs(59)));
    assert_eq!(status(again.clone()), 200);
    world.host.set_now(world.now().plus(Duration::from_secs(1)));
    assert_eq!(status(again), 401);
}

#[test]
fn whatever_is_wrong_with_a_request_has_its_status_and_code() {
    let world = World::new(TOOLS);
    let mut get = request("tools/list", &json!({}));
    *get.method_mut() = Method::GET;
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    let mut noted = with_body(notification);
    let value = HeaderValue::from_static("notifications/tools/list_changed");
    noted.headers_mut().insert("mcp-method", value);
    for (what, request, expected) in [
        ("GET", get, (405, json!(null))),
        ("a notification", noted, (202, json!(null))),
        (
            "another type",
            with("content-type", "text/plain"),
            (415, json!(-32600)),
        ),
        ("no JSON", with_body("{"), (400, json!(-32700))),
        ("a batch", with_body("[{}]"), (400, json!(-32600))),
        (
            "a response",
            with_body(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
            (400, json!(-32600)),
        ),
        (
            "no meta",
            with_body(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#),
            (400, json!(-32602)),
        ),
        (
            "another method in the header",
            with("mcp-method", "tools/call"),
            (400, json!(-32020)),
        ),
        (
            "another version in the header",
            with("mcp-protocol-version", "2025-11-25"),
            (400, json!(-32020)),
        ),
    ] {
        let response = world.response(request);
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let found = (response.status().as_u16(), body["error"]["code"].clone());
        assert_eq!(found, expected, "{what}: {body}");
    }
}

#[test]
fn a_version_that_is_not_modern_is_told_the_only_one() {
    let world = World::new(TOOLS);
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"_meta": {
        "io.modelcontextprotocol/protocolVersion": "v999.0.0",
        "io.modelcontextprotocol/clientCapabilities": {},
    }}});
    let mut request = with("mcp-protocol-version", "v999.0.0");
    *request.body_mut() = Bytes::from(body.to_string());
    let response = world.response(request);
    assert_eq!(response.status(), 400);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["id"], 7);
    assert_eq!(body["error"]["code"], -32022);
    let data = json!({"supported": ["2026-07-28"], "requested": "v999.0.0"});
    assert_eq!(body["error"]["data"], data);
}

/// Every method that one server or another has, and one that none has.
const METHODS: [&str; 15] = [
    "completion/complete",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/update",
    "tools/call",
    "tools/list",
    "initialize",
    "tasks/list",
    "tasks/result",
];

/// What is offered, how that is advertised, and which methods there are then.
fn offers() -> Vec<(Offered, Value, Vec<&'static str>)> {
    let changing = Offered {
        prompts: Some(List::Changing),
        ..Offered::default()
    };
    vec![
        (Offered::default(), json!({}), vec![]),
        (
            TOOLS,
            json!({"tools": {}, "logging": {}}),
            vec!["tools/call", "tools/list"],
        ),
        (
            changing,
            json!({"prompts": {"listChanged": true}}),
            vec!["prompts/get", "prompts/list", "subscriptions/listen"],
        ),
        (
            Offered {
                tasks: true,
                ..TOOLS
            },
            json!({
                "tools": {}, "logging": {}, "extensions": {"io.modelcontextprotocol/tasks": {}},
            }),
            vec![
                "subscriptions/listen",
                "tasks/cancel",
                "tasks/get",
                "tasks/update",
                "tools/call",
                "tools/list",
            ],
        ),
        (
            Offered {
                resources: Some(List::Fixed),
                watched: true,
                ..Offered::default()
            },
            json!({"resources": {"subscribe": true}}),
            vec![
                "resources/list",
                "resources/read",
                "resources/templates/list",
                "subscriptions/listen",
            ],
        ),
    ]
}

#[test]
fn what_is_not_offered_is_neither_advertised_nor_known() {
    for (offered, capabilities, known) in offers() {
        let world = World::new(offered);
        let (_, discovered) = world.ask("server/discover", &json!({}));
        let result = &discovered["result"];
        assert_eq!(result["capabilities"], capabilities);
        assert_eq!(result["supportedVersions"], json!(["2026-07-28"]));
        assert_eq!(result["cacheScope"], "private");
        assert_eq!(
            result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
            "small"
        );
        for method in METHODS {
            let params = json!({"name": "x", "uri": "x", "taskId": "x"});
            let (status, body) = world.ask(method, &params);
            let unknown = (status, &body["error"]["code"]) == (404, &json!(-32601));
            assert_eq!(
                !unknown,
                known.contains(&method),
                "{method} of {offered:?}: {body}"
            );
        }
    }
}

#[test]
fn a_list_is_one_page_that_is_private_and_ends() {
    let world = World::new(TOOLS);
    let (status, body) = world.ask("tools/list", &json!({}));
    assert_eq!(status, 200);
    let result = &body["result"];
    assert_eq!(result["resultType"], "complete");
    assert_eq!(
        (&result["ttlMs"], &result["cacheScope"]),
        (&json!(15_000), &json!("private"))
    );
    assert_eq!(result["tools"][0]["name"], "strict");
    assert_eq!(result["nextCursor"], Value::Null);
    let (status, body) = world.ask("tools/list", &json!({"cursor": "x"}));
    assert_eq!((status, &body["error"]["code"]), (200, &json!(-32602)));
}
