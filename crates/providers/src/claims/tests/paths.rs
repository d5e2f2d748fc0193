//! What a claim path finds.
//!
//! *Invariant:* a path finds only what stands where it leads.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::claims::at_path;
use crate::samples::object;

fn at(value: &Value, path: &str) -> Vec<Value> {
    let members = object(value.clone());
    at_path(&members, path).into_iter().cloned().collect()
}

#[test]
fn a_path_leads_by_members_lists_and_names_with_dots() {
    let claims = json!({
        "role": "admin",
        "roles": ["a", "b"],
        "none": null,
        "empty": [],
        "app": { "role": "x", "roles": ["y", "z"], "deep": { "er": 1 } },
        "tenants": { "T1": { "roles": ["r1"] }, "T2": { "roles": ["r2", "r3"] }, "T3": [] },
        "list": [{ "name": "n1" }, { "name": ["n2", "n3"] }, "odd", null],
        "https://acme.example/roles": ["u"],
        "https://acme.example/app": { "v1.2": { "role": "w" } },
        "*": { "x": 1 },
        "": { "": 2 },
    });
    for (path, expected) in [
        ("role", json!(["admin"])),
        ("roles", json!(["a", "b"])),
        ("none", json!([])),
        ("empty", json!([])),
        ("absent", json!([])),
        ("app.role", json!(["x"])),
        ("app.roles", json!(["y", "z"])),
        ("app.deep.er", json!([1])),
        ("app.deep.er.more", json!([])),
        ("app..role", json!([])),
        ("app.", json!([])),
        (".app.role", json!([])),
        ("role.name", json!([])),
        ("tenants.*.roles", json!(["r1", "r2", "r3"])),
        ("tenants.T2.roles", json!(["r2", "r3"])),
        ("tenants.T1.*", json!(["r1"])),
        ("list.name", json!(["n1", "n2", "n3"])),
        ("https://acme.example/roles", json!(["u"])),
        ("https://acme.example/app.v1.2.role", json!(["w"])),
        ("*.x", json!([1])),
        ("*", json!([{ "x": 1 }])),
        ("", json!([{ "": 2 }])),
        (".", json!([2])),
        ("...", json!([])),
    ] {
        assert_eq!(Value::from(at(&claims, path)), expected, "{path:?}");
    }
    assert_eq!(
        at(&json!({ "t": { "a": [1], "b": 2, "c": null } }), "t.*"),
        [json!(1), json!(2)]
    );
}

/// Names of which some have dots and stars.
fn name() -> impl Strategy<Value = String> {
    "[ab.*]{0,3}"
}

fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(null)), any::<u8>().prop_map(Into::into)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whether `value` stands somewhere within `whole`.
fn is_within(whole: &Value, value: &Value) -> bool {
    whole == value
        || match whole {
            Value::Array(values) => values.iter().any(|inner| is_within(inner, value)),
            Value::Object(members) => members.values().any(|inner| is_within(inner, value)),
            _ => false,
        }
}

proptest! {
    #[test]
    fn what_is_found_stands_there_and_says_something(members in prop::collection::btree_map(name(), nested(), 0..4), path in "[ab.*]{0,8}") {
        let claims = Value::Object(members.into_iter().collect());
        for found in at(&claims, &path) {
            prop_assert!(is_within(&claims, &found));
        }
    }

    #[test]
    fn plain_names_lead_where_they_say(names in prop::collection::vec("[a-z]{1,4}", 1..6), last in 1_u8..) {
        let leaf = json!(last);
        let claims = names.iter().rev().fold(leaf.clone(), |inner, name| json!({ name.as_str(): inner }));
        prop_assert_eq!(at(&claims, &names.join(".")), vec![leaf.clone()]);
        prop_assert_eq!(at(&claims, &vec!["*"; names.len()].join(".")), vec![leaf]);
        let further = names.join(".") + ".x";
        prop_assert_eq!(at(&claims, &further), Vec::<Value>::new());
    }
}
