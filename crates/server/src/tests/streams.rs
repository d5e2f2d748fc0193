//! What a call says before its answer, and when.

use serde_json::{Value, json};

use super::world::{Back, TOOLS, World, pass, request};

fn speak(meta: &Value) -> Value {
    json!({"name": "speak", "_meta": meta})
}

fn told(events: &[Value]) -> Vec<String> {
    let short = |event: &Value| match event["method"].as_str() {
        Some("notifications/progress") => {
            let params = &event["params"];
            format!(
                "{} {}/{}",
                params["progressToken"], params["progress"], params["total"]
            )
        }
        Some("notifications/message") => {
            format!("{}: {}", event["params"]["level"], event["params"]["data"])
        }
        Some(other) => other.to_owned(),
        None => format!(
            "answer {}: {}",
            event["id"], event["result"]["content"][0]["text"]
        ),
    };
    events.iter().map(short).collect()
}

#[test]
fn a_call_that_says_nothing_is_answered_at_once() {
    let world = World::new(TOOLS);
    let (status, body) = world.ask("tools/call", &speak(&json!({})));
    assert_eq!((status, &body["id"]), (200, &json!(7)));
    assert_eq!(body["result"]["content"][0]["text"], "dev:ada");
}

#[test]
fn a_stream_has_what_was_wanted_in_order_and_ends_with_the_answer() {
    let world = World::new(TOOLS);
    let level = |level: &str| json!({"io.modelcontextprotocol/logLevel": level});
    for (meta, expected) in [
        (
            json!({"progressToken": "p"}),
            vec![r#""p" 1/4"#, r#""p" 2.5/4"#, r#""p" 4/4"#],
        ),
        (
            level("warning"),
            vec![
                r#""warning": {"warned":1.0}"#,
                r#""warning": {"warned":1.0}"#,
                r#""warning": {"warned":0.5}"#,
                r#""warning": {"warned":2.5}"#,
            ],
        ),
    ] {
        let Back::Stream(inlet) = world.send(request("tools/call", &speak(&meta))) else {
            panic!("{meta}: no stream");
        };
        let mut events = world.events(&inlet);
        assert_eq!(
            told(&events),
            expected[..1],
            "the first comes before the work is done"
        );
        for _ in 0..10 {
            pass(&world.host, 100);
            events.extend(world.events(&inlet));
        }
        assert!(inlet.has_ended());
        let mut expected: Vec<&str> = expected;
        expected.push(r#"answer 7: "dev:ada""#);
        assert_eq!(told(&events), expected);
    }
}

#[test]
fn a_level_that_is_none_is_refused_and_one_above_all_says_nothing() {
    let world = World::new(TOOLS);
    let level = |level: Value| speak(&json!({"io.modelcontextprotocol/logLevel": level}));
    for wrong in [json!("loud"), json!(3)] {
        let (status, body) = world.ask("tools/call", &level(wrong));
        assert_eq!((status, &body["error"]["code"]), (400, &json!(-32602)));
    }
    assert_eq!(world.ask("tools/call", &level(json!("emergency"))).0, 200);
}

#[test]
fn a_reader_who_leaves_ends_the_call() {
    let world = World::new(TOOLS);
    let params = speak(&json!({"progressToken": 1}));
    let Back::Stream(inlet) = world.send(request("tools/call", &params)) else {
        panic!("no stream");
    };
    world.host.settle();
    assert_eq!(world.host.work_count(), 1);
    drop(inlet);
    for _ in 0..4 {
        pass(&world.host, 100);
    }
    assert_eq!(world.host.work_count(), 0);
}
