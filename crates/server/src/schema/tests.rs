use serde_json::{Value, json};

use super::Schema;

fn takes(schema: &Value, value: &Value) -> bool {
    Schema::of(schema).unwrap().check(value).is_ok()
}

#[test]
fn keywords_of_2020_12_judge() {
    let tree = json!({
        "$id": "https://example.com/tree", "$dynamicAnchor": "node", "type": "object",
        "properties": {
            "of": {"type": "integer"},
            "under": {"type": "array", "items": {"$dynamicRef": "#node"}},
        },
        "unevaluatedProperties": false,
    });
    for (schema, good, bad) in [
        (
            json!({"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}),
            json!([1, "a"]),
            json!([1, 2]),
        ),
        (
            json!({"dependentSchemas": {"card": {"required": ["address"]}}}),
            json!({"card": 1, "address": 2}),
            json!({"card": 1}),
        ),
        (
            json!({"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": false}),
            json!({"a": 1}),
            json!({"b": 1}),
        ),
        (
            json!({"$defs": {"n": {"$anchor": "number", "type": "number"}}, "$ref": "#number"}),
            json!(1.5),
            json!("1.5"),
        ),
        (
            json!({"contains": {"const": 1}, "minContains": 2}),
            json!([1, 1]),
            json!([1]),
        ),
        (
            tree,
            json!({"of": 1, "under": [{"of": 2, "under": []}]}),
            json!({"under": [{"of": 1, "over": 2}]}),
        ),
        (
            json!({"pattern": "^\\p{Lu}[a-z]{2,3}$"}),
            json!("Öden"),
            json!("öden"),
        ),
    ] {
        assert!(takes(&schema, &good), "{schema} {good}");
        assert!(!takes(&schema, &bad), "{schema} {bad}");
    }
}

#[test]
fn what_is_elsewhere_or_cannot_be_judged_in_linear_time_is_no_schema() {
    for schema in [
        json!({"$ref": "https://example.com/schema.json"}),
        json!({"$ref": "file:///etc/passwd"}),
        json!({"$ref": "#/$defs/missing"}),
        json!({"type": "text"}),
        json!({"pattern": "("}),
        // Look-around and back-references backtrack: one argument could keep an instance busy.
        json!({"pattern": "^(?!a)"}),
        json!({"pattern": "(a)\\1"}),
        json!(7),
    ] {
        assert!(Schema::of(&schema).is_err(), "{schema}");
    }
}

#[test]
fn a_pattern_that_others_choke_on_is_judged_at_once() {
    let schema = json!({"pattern": "^(a+)+$"});
    assert!(takes(&schema, &json!("a".repeat(10_000))));
    assert!(!takes(&schema, &json!("a".repeat(10_000) + "b")));
}
