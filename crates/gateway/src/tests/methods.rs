//! What is answered, in both eras.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{TOOLBOX, World, modern};

const RULES: &str = r#"
[[allow]]
tools = ["echo"]
[[allow]]
roles = ["admin"]
tools = ["*"]
"#;

#[test]
fn a_modern_client_discovers_lists_and_calls() {
    let world = World::new(TOOLBOX);
    let discovered = world.modern("server/discover", &json!({})).json();
    assert_eq!(discovered["id"], "a");
    assert_eq!(discovered["result"]["capabilities"], json!({"tools": {}}));
    assert_eq!(discovered["result"]["supportedVersions"][0], "2026-07-28");
    let list = world.modern("tools/list", &json!({})).json();
    assert_eq!(list["result"]["cacheScope"], "private");
    let called = world
        .modern("tools/call", &json!({"name": "whoami"}))
        .json();
    assert_eq!(called["result"]["content"][0]["text"], "dev:ada");
    assert_eq!(called["result"]["resultType"], "complete");
}

#[test]
fn a_legacy_client_initializes_lists_and_calls_without_a_session() {
    let world = World::new(TOOLBOX);
    for (wanted, negotiated) in [("2025-06-18", "2025-06-18"), ("2030-01-01", "2025-11-25")] {
        let hello = world.legacy("initialize", &json!({"protocolVersion": wanted}));
        assert_eq!(hello["result"]["protocolVersion"], negotiated);
        assert_eq!(hello["result"]["capabilities"], json!({"tools": {}}));
        assert_eq!(hello["result"]["serverInfo"]["name"], "postern");
    }
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let seen = world.post(&[("mcp-protocol-version", "2025-06-18")], ready);
    assert_eq!((seen.status(), seen.answer.body().len()), (202, 0));
    assert_eq!(seen.header("mcp-session-id"), "");
    assert_eq!(world.legacy("ping", &json!({}))["result"], json!({}));
    let list = world.legacy("tools/list", &json!({}));
    assert_eq!(list["result"]["tools"].as_array().unwrap().len(), 2);
    assert_eq!(
        list["result"].as_object().unwrap().len(),
        1,
        "only tools: {list}"
    );
    let called = world.legacy(
        "tools/call",
        &json!({"name": "echo", "arguments": {"b": [1]}}),
    );
    assert_eq!(
        called["result"],
        json!({"content": [{"type": "text", "text": "{\"b\":[1]}"}], "isError": false})
    );
}

#[test]
fn a_refusal_of_the_application_travels_in_200_and_one_of_the_transport_does_not() {
    let world = World::new(TOOLBOX);
    for (method, params, status, code) in [
        ("tools/call", json!({"name": "nope"}), 200, -32602),
        ("tools/call", json!({"name": 7}), 200, -32602),
        ("tools/call", json!({}), 200, -32602),
        (
            "tools/call",
            json!({"name": "echo", "arguments": [1]}),
            200,
            -32602,
        ),
        ("tools/list", json!({"cursor": "x"}), 200, -32602),
        ("prompts/list", json!({}), 404, -32601),
        (
            "initialize",
            json!({"protocolVersion": "2025-11-25"}),
            404,
            -32601,
        ),
    ] {
        let seen = world.modern(method, &params);
        assert_eq!(
            (seen.status(), seen.json()["error"]["code"].as_i64()),
            (status, Some(code)),
            "{method} {params}"
        );
        assert_eq!(seen.json()["id"], "a");
    }
    assert_eq!(
        world.legacy("prompts/list", &json!({}))["error"]["code"],
        -32601
    );
    assert_eq!(
        world.legacy("initialize", &json!({}))["error"]["code"],
        -32602
    );
    for (body, code) in [
        ("{", -32700),
        ("7", -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, -32600),
    ] {
        let seen = world.post(&[], body);
        assert_eq!(
            (seen.status(), seen.json()["error"]["code"].as_i64()),
            (400, Some(code)),
            "{body}"
        );
        assert!(
            seen.json().get("id").is_none(),
            "an unknown id is left out: {body}"
        );
    }
}

#[test]
fn a_batch_is_answered_where_its_revision_has_batches() {
    let world = World::new(TOOLBOX);
    let batch = json!([
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled"},
        {"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": {"protocolVersion": "2025-03-26"}},
        {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "whoami"}},
    ])
    .to_string();
    for version in [None, Some("2025-03-26")] {
        let headers = version.map(|version| ("mcp-protocol-version", version));
        let answers = world.post(headers.as_slice(), &batch).json();
        let answers = answers.as_array().unwrap().clone();
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0], json!({"jsonrpc": "2.0", "id": 1, "result": {}}));
        assert_eq!(answers[1]["error"]["code"], -32600);
        assert_eq!(answers[2]["result"]["content"][0]["text"], "dev:ada");
    }
    for version in ["2025-06-18", "2025-11-25", "2026-07-28"] {
        let seen = world.post(&[("mcp-protocol-version", version)], &batch);
        assert_eq!(
            (seen.status(), seen.json()["error"]["code"].as_i64()),
            (400, Some(-32600)),
            "{version}"
        );
    }
    let quiet = r#"[{"jsonrpc":"2.0","method":"notifications/cancelled"}]"#;
    assert_eq!(world.post(&[], quiet).status(), 202);
}

#[test]
fn a_tool_that_policy_hides_is_unknown_when_it_is_called() {
    let world = World::new(&format!("{TOOLBOX}{RULES}"));
    let (ada, linus) = (
        world.token(&json!({})),
        world.token(&json!({"sub": "dev:linus", "roles": []})),
    );
    assert_eq!(world.listed(&ada), ["echo", "whoami"]);
    assert_eq!(world.listed(&linus), ["echo"]);
    let call = |name: &str| {
        world
            .send(modern(&linus, "tools/call", &json!({"name": name})))
            .json()
    };
    let (hidden, missing) = (call("whoami"), call("nothing"));
    assert_eq!(hidden["error"]["message"], "unknown tool: whoami");
    assert_eq!(hidden["error"]["code"], missing["error"]["code"]);
    let events = world.host.events();
    assert_eq!(events.last().unwrap().event, "call.refused");
    assert_eq!(events.last().unwrap().subject.as_deref(), Some("dev:linus"));
}

#[test]
fn a_tool_description_or_outcome_that_cannot_be_passed_on_is_the_servers_failure() {
    let world = World::new(TOOLBOX);
    let mut broken = super::world::tools();
    broken[0].call = |_, _| Err(host::ToolsetRefused::Malformed);
    broken[1].call = |_, _| Err(host::ToolsetRefused::UnknownTool);
    world.host.set_tools(broken);
    let called =
        |name: &str| world.legacy("tools/call", &json!({"name": name}))["error"]["code"].as_i64();
    assert_eq!(called("echo"), Some(-32603));
    assert_eq!(called("whoami"), Some(-32602));
}

fn some_rules() -> impl Strategy<Value = String> {
    let rule = (
        prop_oneof![Just("allow"), Just("forbid")],
        prop_oneof![
            Just(""),
            Just("roles = [\"admin\"]\n"),
            Just("roles = [\"premium\"]\n")
        ],
        prop_oneof![Just("*"), Just("echo"), Just("who*"), Just("none")],
    )
        .prop_map(|(kind, roles, tools)| format!("[[{kind}]]\n{roles}tools = [\"{tools}\"]\n"));
    proptest::collection::vec(rule, 0..4).prop_map(|rules| rules.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_listed_can_be_called_and_nothing_else_can(
        rules in some_rules(),
        roles in proptest::sample::subsequence(vec!["admin", "premium"], 0..=2),
    ) {
        let world = World::new(&format!("{TOOLBOX}{rules}"));
        let token = world.token(&json!({"roles": roles}));
        let listed = world.listed(&token);
        for name in ["echo", "whoami"] {
            let answer: Value = world.send(modern(&token, "tools/call", &json!({"name": name}))).json();
            let called = answer.get("result").is_some();
            prop_assert_eq!(called, listed.iter().any(|tool| tool == name), "{} {}", name, rules);
        }
    }
}
