//! Every combination of era, header, `_meta` and method that a rule speaks of.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::envelope::{Body, Message};

const META: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}"#;

type Case<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Headers as one line, `name:value` split by `|`, with short names for the protocol's own.
fn headers(line: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for header in line.split('|').filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':').expect("a header has a colon");
        let name = match name {
            "version" => HeaderName::from_static("mcp-protocol-version"),
            "method" => HeaderName::from_static("mcp-method"),
            "name" => HeaderName::from_static("mcp-name"),
            other => other.parse().unwrap(),
        };
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// What becomes of a request: its revision and method, or status and code of its refusal.
fn verdict(line: &str, method: &str, params: &str) -> String {
    let map = headers(line);
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    let Ok(Body::Single(Message::Request(request))) = Body::parse(body.as_bytes()) else {
        panic!("{body} is no request");
    };
    let headers = McpHeaders::read(&map);
    match admit(headers, &request) {
        Ok(admitted) => format!("{} {:?}", admitted.revision, admitted.method),
        Err(refused) => {
            let era = era(&headers, method, &request.params);
            let status = refused.status(era).as_u16();
            format!("{status} {}", refused.code().number())
        }
    }
}

fn check(cases: &[Case<'_>]) {
    for (headers, method, params, expected) in cases {
        let found = verdict(headers, method, params);
        assert_eq!(found, *expected, "{headers} {method} {params}");
    }
}

fn with_meta(rest: &str) -> String {
    format!(r#"{{"_meta":{{{META}}}{rest}}}"#)
}

const LIST: &str = "version:2026-07-28|method:tools/list";
const LISTED: &str = "2026-07-28 ToolsList";
const CALLED: &str = "2026-07-28 ToolsCall";

#[test]
fn a_modern_request_says_everything_twice() {
    let discover = "version:2026-07-28|method:server/discover";
    for (headers, method, expected) in [
        (LIST, "tools/list", LISTED),
        (
            "version: 2026-07-28 |method: tools/list ",
            "tools/list",
            LISTED,
        ),
        (discover, "server/discover", "2026-07-28 Discover"),
        ("version:2026-07-28", "tools/list", "400 -32020"),
        ("method:tools/list", "tools/list", "400 -32020"),
        (
            "version:2026-07-28|version:2026-07-28|method:tools/list",
            "tools/list",
            "400 -32020",
        ),
        (
            "version:2026-07-28|method:Tools/List",
            "tools/list",
            "400 -32020",
        ),
        (
            "version:2025-11-25|method:tools/list",
            "tools/list",
            "400 -32020",
        ),
        ("version:2026-07-28|method:ping", "ping", "404 -32601"),
        (
            "version:2026-07-28|method:initialize",
            "initialize",
            "404 -32601",
        ),
        (
            "version:2026-07-28|method:logging/setLevel",
            "logging/setLevel",
            "404 -32601",
        ),
        // A session id belongs to the other era and is not looked at.
        (
            "version:2026-07-28|method:tools/list|mcp-session-id:x",
            "tools/list",
            LISTED,
        ),
    ] {
        check(&[(headers, method, &with_meta(""), expected)]);
    }
}

#[test]
fn a_missing_meta_key_is_heard_of_before_any_header() {
    let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
    let capabilities = r#""io.modelcontextprotocol/clientCapabilities""#;
    let metas = [
        String::new(),
        version.to_owned(),
        format!("{capabilities}:{{}}"),
        format!(r#""io.modelcontextprotocol/protocolVersion":7,{capabilities}:{{}}"#),
        format!("{version},{capabilities}:[]"),
    ];
    for meta in metas {
        let params = format!(r#"{{"_meta":{{{meta}}}}}"#);
        check(&[
            (LIST, "tools/list", &params, "400 -32602"),
            ("version:2026-07-28", "tools/list", &params, "400 -32602"),
        ]);
        // Without the header too, once `_meta` names a version.
        if meta.contains("protocolVersion") {
            check(&[("", "tools/list", &params, "400 -32602")]);
        }
    }
    check(&[
        (LIST, "tools/list", "{}", "400 -32602"),
        (LIST, "tools/list", r#"{"_meta":7}"#, "400 -32602"),
    ]);
}

#[test]
fn a_date_from_the_future_is_unsupported_and_a_disagreement_is_heard_of_first() {
    let meta = with_meta("");
    let future = meta.replace("2026-07-28", "2099-01-01");
    let headers = "version:2099-01-01|method:tools/list";
    check(&[
        (headers, "tools/list", &future, "400 -32022"),
        (headers, "no/such", &future, "400 -32022"),
        (LIST, "tools/list", &future, "400 -32020"),
        (headers, "tools/list", &meta, "400 -32020"),
        (headers, "tools/list", "{}", "400 -32602"),
    ]);
}

#[test]
fn a_name_stands_in_its_header_as_it_is_or_in_base64() {
    let add = with_meta(r#","name":"add""#);
    let umlaut = with_meta(r#","name":"ä""#);
    for (name, params, expected) in [
        ("|name:add", &add, CALLED),
        ("|name:=?base64?YWRk?=", &add, CALLED),
        ("|name:=?base64?w6Q=?=", &umlaut, CALLED),
        ("", &add, "400 -32020"),
        ("|name:Add", &add, "400 -32020"),
        ("|name:=?base64?YWRk", &add, "400 -32020"),
        ("|name:=?base64?w6Q?=", &umlaut, "400 -32020"),
        ("|name:add|name:add", &add, "400 -32020"),
        // Without a name in the body there is nothing to compare; the call itself is refused.
        ("", &with_meta(""), CALLED),
    ] {
        let headers = format!("version:2026-07-28|method:tools/call{name}");
        check(&[(&headers, "tools/call", params, expected)]);
    }
}

#[test]
fn resources_and_tasks_are_named_by_their_own_members() {
    let read = "version:2026-07-28|method:resources/read|name:file:///a";
    let get = "version:2026-07-28|method:tasks/get|name:1";
    let uri = |uri: &str| with_meta(&format!(r#","uri":"{uri}""#));
    let task = |id: &str| with_meta(&format!(r#","taskId":"{id}""#));
    check(&[
        (
            read,
            "resources/read",
            &uri("file:///a"),
            "2026-07-28 ResourcesRead",
        ),
        (read, "resources/read", &uri("file:///b"), "400 -32020"),
        (get, "tasks/get", &task("1"), "404 -32601"),
        (get, "tasks/get", &task("2"), "400 -32020"),
    ]);
}

#[test]
fn a_legacy_request_has_at_most_a_version_header() {
    let hello = r#"{"protocolVersion":"2025-06-18","capabilities":{}}"#;
    let twice = "version:2025-11-25|version:2025-11-25";
    check(&[
        ("", "initialize", hello, "2025-03-26 Initialize"),
        // Bridges announce the method with legacy messages too.
        (
            "method:initialize",
            "initialize",
            hello,
            "2025-03-26 Initialize",
        ),
        (
            "version:2026-07-28",
            "initialize",
            hello,
            "2025-03-26 Initialize",
        ),
        ("version:1.0", "initialize", hello, "2025-03-26 Initialize"),
        ("", "tools/list", "{}", "2025-03-26 ToolsList"),
        (
            "version:2025-11-25",
            "tools/list",
            "{}",
            "2025-11-25 ToolsList",
        ),
        ("version:2024-11-05", "ping", "{}", "2024-11-05 Ping"),
        (
            "version:2025-11-25|name:b",
            "tools/call",
            r#"{"name":"a"}"#,
            "2025-11-25 ToolsCall",
        ),
        ("version:1.0", "ping", "{}", "400 -32600"),
        ("version:", "ping", "{}", "400 -32600"),
        (twice, "ping", "{}", "400 -32600"),
        ("", "server/discover", "{}", "200 -32601"),
        ("", "subscriptions/listen", "{}", "200 -32601"),
        ("", "resources/list", "{}", "2025-03-26 ResourcesList"),
        // A foreign `_meta` does not make a request modern.
        (
            "",
            "ping",
            r#"{"_meta":{"progressToken":1}}"#,
            "2025-03-26 Ping",
        ),
    ]);
}

#[test]
fn a_notification_is_judged_by_its_headers() {
    let judged = |line: &str| {
        let map = headers(line);
        let body = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let Ok(Body::Single(Message::Notification(notification))) = Body::parse(body) else {
            panic!("not a notification");
        };
        note(McpHeaders::read(&map), &notification).map_err(|refused| refused.code().number())
    };
    let method = "method:notifications/initialized";
    for (headers, expected) in [
        (String::new(), Ok(())),
        ("version:2025-06-18".to_owned(), Ok(())),
        ("version:1".to_owned(), Err(-32600)),
        (format!("version:2026-07-28|{method}"), Ok(())),
        ("version:2026-07-28".to_owned(), Err(-32020)),
        (format!("version:2099-01-01|{method}"), Err(-32022)),
    ] {
        assert_eq!(judged(&headers), expected, "{headers}");
    }
}

#[test]
fn an_unsupported_version_comes_with_the_ones_to_try() {
    let refused = Refused::VersionUnsupported("2099-01-01".to_owned());
    let data: serde_json::Value = serde_json::from_str(refused.data().unwrap().get()).unwrap();
    assert_eq!(data["requested"], "2099-01-01");
    assert_eq!(data["supported"][0], "2026-07-28");
}

proptest! {
    #[test]
    fn no_metadata_makes_a_rule_panic_and_an_admitted_modern_request_always_agrees_with_its_headers(
        version in "(2026-07-28|2025-11-25|\\PC{0,12})",
        method_header in "(tools/list|\\PC{0,12})",
        params in prop_oneof![Just(with_meta("")), Just("{}".to_owned())],
    ) {
        let mut map = HeaderMap::new();
        for (name, value) in [("mcp-protocol-version", &version), ("mcp-method", &method_header)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                map.insert(name, value);
            }
        }
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{params}}}"#);
        let Ok(Body::Single(Message::Request(request))) = Body::parse(body.as_bytes()) else {
            return Err(TestCaseError::fail("not a request"));
        };
        if let Ok(admitted) = admit(McpHeaders::read(&map), &request)
            && admitted.revision.era() == Era::Modern
        {
            prop_assert_eq!(version.trim(), "2026-07-28");
            prop_assert_eq!(method_header.trim(), "tools/list");
        }
    }
}
