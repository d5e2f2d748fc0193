//! Arguments and outcomes, held against schemas.

use serde_json::{Value, json};

use super::world::{TOOLS, World};

#[test]
fn arguments_that_do_not_fit_are_an_outcome_that_names_the_field_and_no_value() {
    let world = World::new(TOOLS);
    for (arguments, fault) in [
        (json!({"a": 2}), None),
        (json!({}), Some("must have `a`")),
        (
            json!({"a": "secret"}),
            Some("`a` must be of type integer, not string"),
        ),
        (json!({"a": 0}), Some("`a` must be 1 at least")),
        (
            json!({"a": 1, "c": 1}),
            Some("has what it must not have: `c`"),
        ),
    ] {
        let params = json!({"name": "strict", "arguments": arguments});
        let (status, body) = world.ask("tools/call", &params);
        assert_eq!(status, 200);
        let result = &body["result"];
        assert_eq!(result["isError"], fault.is_some(), "{body}");
        let text = result["content"][0]["text"].as_str().unwrap();
        if let Some(fault) = fault {
            assert!(text.starts_with("The arguments do not fit the schema of `strict`: "));
            assert!(text.contains(fault), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}

#[test]
fn arguments_that_are_no_object_and_tools_that_are_none_are_refused() {
    let world = World::new(TOOLS);
    for (params, code) in [
        (json!({"name": "strict", "arguments": [1]}), -32602),
        (json!({"name": "other"}), -32602),
        (json!({"arguments": {}}), -32602),
        // A schema that is elsewhere is never fetched.
        (json!({"name": "far"}), -32603),
    ] {
        let (status, body) = world.ask("tools/call", &params);
        assert_eq!(
            (status, &body["error"]["code"]),
            (200, &json!(code)),
            "{params}"
        );
    }
}

#[test]
fn an_outcome_is_what_its_tool_announced_or_an_error_of_ours() {
    let world = World::new(TOOLS);
    let announce = |arguments: Value| {
        let (_, body) = world.ask(
            "tools/call",
            &json!({"name": "announce", "arguments": arguments}),
        );
        body
    };
    let good = announce(json!({"n": 1}));
    assert_eq!(good["result"]["structuredContent"], json!({"n": 1}));
    assert_eq!(announce(json!({"n": "x"}))["error"]["code"], -32603);
}
