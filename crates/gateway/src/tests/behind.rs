//! Servers behind the gateway: what they are told, and what becomes of their answers.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth::assertion::Assertion;
use serde_json::{Value, json};

use super::world::{TOOLBOX, World, assertion_keys, modern, post};

const ONE: &str = "[[server]]\nname = \"math\"\ncomponent = \"math-tools\"\n";

type Asked = Rc<RefCell<Vec<Request<Bytes>>>>;

fn json_answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

/// A server with one tool, `add`, and a second page with `sub`; it answers calls with `answer`.
fn serve(world: &World, answer: impl Fn(&Value) -> Response<Bytes> + 'static) -> Asked {
    let asked = Asked::default();
    let seen = Rc::clone(&asked);
    world.host.set_server(
        "math-tools",
        Rc::new(move |request| {
            seen.borrow_mut().push(request.clone());
            let message: Value = serde_json::from_slice(request.body()).unwrap();
            Some(if message["method"] == "tools/list" {
                let second = message["params"]["cursor"] == "next";
                let name = if second { "sub" } else { "add" };
                let mut result = json!({
                    "resultType": "complete", "ttlMs": 1, "cacheScope": "public",
                    "tools": [{"name": name, "inputSchema": {}}, {"name": "no schema"}],
                });
                if !second {
                    result["nextCursor"] = json!("next");
                }
                json_answer(
                    StatusCode::OK,
                    &json!({"jsonrpc": "2.0", "id": message["id"], "result": result}),
                )
            } else {
                answer(&message)
            })
        }),
    );
    asked
}

fn forty_two(message: &Value) -> Response<Bytes> {
    let result = json!({
        "content": [{"type": "text", "text": "42"}], "resultType": "complete",
        "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "math", "version": "1"}},
    });
    json_answer(
        StatusCode::OK,
        &json!({"jsonrpc": "2.0", "id": message["id"], "result": result}),
    )
}

#[test]
fn whatever_a_caller_showed_a_server_is_told_who_it_is_and_no_header_of_theirs() {
    const KEY: &str = "0f8e7d6c5b4a39281706";
    let host = super::world::host();
    host.set_variable("api_keys", &format!("ci={KEY}"));
    host.set_file(
        "/postern.toml",
        &format!("authentication = \"none\"\n{ONE}"),
    );
    let world = World::on(host);
    let asked = serve(&world, forty_two);
    for (key, subject) in [(Some(KEY), "api-key:ci"), (None, "anonymous:anonymous")] {
        let mut request = modern("", "tools/call", &json!({"name": "add", "arguments": {}}));
        let headers = request.headers_mut();
        headers.remove("authorization");
        for name in ["x-user-id", "x-auth-method", "cf-access-jwt-assertion"] {
            headers.insert(name, "admin".parse().unwrap());
        }
        if let Some(key) = key {
            headers.insert("x-api-key", key.parse().unwrap());
        }
        assert_eq!(world.send(request).status(), 200);
        let asked = asked.borrow();
        let head = asked.last().unwrap().headers();
        for name in [
            "x-api-key",
            "x-user-id",
            "x-auth-method",
            "cf-access-jwt-assertion",
        ] {
            assert!(!head.contains_key(name), "{name}");
        }
        let bearer = head["authorization"].to_str().unwrap();
        let assertion = bearer.strip_prefix("Bearer ").unwrap();
        let now = oauth::Timestamp::from_seconds(1_000_000);
        let said = Assertion::verify(assertion, &assertion_keys(), "math-tools", now).unwrap();
        assert_eq!(said.into_calling().person.subject.as_str(), subject);
    }
}

#[test]
fn a_server_is_told_who_calls_and_nothing_of_the_clients_credentials() {
    let world = World::new(ONE);
    let asked = serve(&world, forty_two);
    let mut request = modern(
        &world.token(&json!({"claims": {"given_name": "Ada"}})),
        "tools/call",
        &json!({"name": "add", "arguments": {"a": 1}}),
    );
    for (name, value) in [
        ("cookie", "a=b"),
        ("spin-client-addr", "1.2.3.4:5"),
        ("x-forwarded-for", "1.2.3.4"),
        ("traceparent", "00-a-b-01"),
        ("mcp-param-region", "eu"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let sent = request.body().clone();
    let seen = world.send(request);
    assert!(seen.passed_on, "the answer is passed on unread");
    assert_eq!(seen.json()["result"]["content"][0]["text"], "42");
    let asked = asked.borrow();
    let head = asked[0].headers();
    let mut names: Vec<_> = head.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "content-type",
            "mcp-method",
            "mcp-name",
            "mcp-param-region",
            "mcp-protocol-version",
            "traceparent"
        ]
    );
    assert_eq!(asked[0].body(), &sent, "the message is the client's own");
    let assertion = head["authorization"]
        .to_str()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap();
    let now = host::Clock::now(&world.host);
    let told = Assertion::verify(assertion, &assertion_keys(), "math-tools", now).unwrap();
    let told = told.into_calling();
    assert_eq!(told.person.subject.to_string(), "dev:ada");
    assert_eq!(told.person.roles, ["admin"]);
    assert_eq!(told.person.claims.as_json(), r#"{"given_name":"Ada"}"#);
    assert!(Assertion::verify(assertion, &assertion_keys(), "other", now).is_err());
    let later = now.plus(std::time::Duration::from_mins(1));
    assert!(Assertion::verify(assertion, &assertion_keys(), "math-tools", later).is_err());
}

#[test]
fn an_assertion_is_used_again_for_half_a_minute_by_one_token() {
    let world = World::new(ONE);
    let asked = serve(&world, forty_two);
    let call = |jti: &str| {
        let token = world.token(&json!({"jti": jti}));
        world.send(modern(&token, "tools/call", &json!({"name": "add"})));
        asked.borrow().last().unwrap().headers()["authorization"].clone()
    };
    let first = call("one");
    world.wait(29);
    assert_eq!(call("one"), first);
    world.wait(1);
    let second = call("one");
    assert_ne!(second, first);
    assert_eq!(call("two"), second, "the same claims in the same second");
}

#[test]
fn with_several_servers_tools_carry_their_servers_name_and_a_failing_one_hides_nobody() {
    let world = World::new(&format!("{TOOLBOX}{ONE}"));
    let token = world.token(&json!({}));
    assert_eq!(
        world.listed(&token),
        ["toolbox_echo", "toolbox_whoami"],
        "math does not answer"
    );
    assert_eq!(world.host.events().last().unwrap().event, "server.failed");
    let asked = serve(&world, forty_two);
    assert_eq!(
        world.listed(&token),
        ["toolbox_echo", "toolbox_whoami", "math_add", "math_sub"]
    );
    let own = world
        .modern("tools/call", &json!({"name": "toolbox_whoami"}))
        .json();
    assert_eq!(own["result"]["content"][0]["text"], "dev:ada");
    let arguments = json!({"deep": [{"a": "ä"}]});
    let theirs = world.modern(
        "tools/call",
        &json!({"name": "math_add", "arguments": arguments}),
    );
    assert!(theirs.passed_on);
    let asked = asked.borrow();
    let message: Value = serde_json::from_slice(asked.last().unwrap().body()).unwrap();
    assert_eq!(message["params"]["name"], "add");
    assert_eq!(message["params"]["arguments"], arguments);
    assert_eq!(asked.last().unwrap().headers()["mcp-name"], "add");
    assert_eq!(
        world.modern("tools/call", &json!({"name": "add"})).json()["error"]["code"],
        -32602
    );
}

#[test]
fn a_legacy_client_never_sees_the_modern_era_of_a_server() {
    let world = World::new(ONE);
    let asked = serve(&world, forty_two);
    let params = json!({"name": "add", "_meta": {"progressToken": 7}});
    let called = world.legacy("tools/call", &params);
    assert_eq!(
        called["result"],
        json!({"content": [{"type": "text", "text": "42"}]})
    );
    let message: Value = serde_json::from_slice(asked.borrow().last().unwrap().body()).unwrap();
    assert_eq!(message["params"]["_meta"]["progressToken"], 7);
    assert_eq!(
        message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"],
        "2026-07-28"
    );
    assert_eq!(
        message["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"],
        json!({})
    );
    let list = world.legacy("tools/list", &json!({}));
    assert_eq!(
        list["result"]["tools"],
        json!([{"name": "add", "inputSchema": {}}, {"name": "sub", "inputSchema": {}}])
    );
}

/// A server that answers every call with this status, type and body, in which `ID` is the id.
fn serve_always(world: &World, status: u16, kind: &'static str, body: &'static str) {
    serve(world, move |message| {
        let body = body.replace("ID", &message["id"].to_string());
        Response::builder()
            .status(status)
            .header("content-type", kind)
            .header("set-cookie", "a=b")
            .header("www-authenticate", "Bearer")
            .body(Bytes::from(body))
            .unwrap()
    });
}

#[test]
fn what_a_server_gets_wrong_is_its_failure_and_never_a_challenge_or_a_cookie() {
    const ERROR: &str = r#"{"jsonrpc":"2.0","id":ID,"error":{"code":-32021,"message":"m"}}"#;
    let kind = "application/json";
    for (status, kind, body, expected) in [
        (200, kind, ERROR, (200, -32021)),
        (400, kind, ERROR, (400, -32021)),
        (404, kind, ERROR, (404, -32021)),
        (401, kind, ERROR, (200, -32603)),
        (500, kind, ERROR, (200, -32603)),
        (200, "text/html", "<html>", (200, -32603)),
        (200, kind, "[]", (200, -32603)),
        (
            200,
            kind,
            r#"{"jsonrpc":"2.0","id":"other","result":{}}"#,
            (200, -32603),
        ),
    ] {
        let world = World::new(ONE);
        serve_always(&world, status, kind, body);
        let seen = world.modern("tools/call", &json!({"name": "add"}));
        let code = seen.json()["error"]["code"].as_i64().unwrap();
        assert_eq!((seen.status(), code), expected, "{status} {kind} {body}");
        assert_eq!(seen.header("set-cookie"), "");
        assert_eq!(seen.header("www-authenticate"), "");
    }
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let world = World::new(ONE);
    let called = world.modern("tools/call", &json!({"name": "add"})).json();
    assert_eq!(
        called["error"]["message"],
        "the server math does not answer"
    );
    let listed = world.modern("tools/list", &json!({})).json();
    assert_eq!(listed["error"]["code"], -32603);
}

#[test]
fn a_page_may_read_an_answer_that_is_passed_on() {
    let world = World::new(ONE);
    serve(&world, forty_two);
    let mut request = modern(
        &world.token(&json!({})),
        "tools/call",
        &json!({"name": "add"}),
    );
    request
        .headers_mut()
        .insert("origin", super::world::ORIGIN.parse().unwrap());
    let seen = world.send(request);
    assert!(seen.passed_on);
    assert_eq!(
        seen.header("access-control-allow-origin"),
        super::world::ORIGIN
    );
}

#[test]
fn a_name_that_stands_twice_reaches_no_server() {
    let world = World::new(&format!("{TOOLBOX}{ONE}"));
    let asked = serve(&world, forty_two);
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"toolbox_echo","n\u0061me":"math_add"}}"#;
    let seen = world.send(post(&world.token(&json!({})), &[], body));
    assert_eq!(seen.json()["error"]["code"], -32602);
    assert!(asked.borrow().is_empty());
}
