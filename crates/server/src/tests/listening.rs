//! Subscriptions: acknowledged first, filtered, and ended in time.

use host::Cache as _;
use host_memory::MemoryInlet;
use serde_json::{Value, json};

use super::world::{Back, World, block_on, pass, request};
use crate::{List, Offered};

const CHANGING: Offered = Offered {
    tools: Some(List::Changing),
    prompts: Some(List::Changing),
    resources: Some(List::Fixed),
    watched: true,
    completion: false,
    logging: false,
    tasks: false,
};

fn listen(world: &World, notifications: &Value) -> MemoryInlet {
    let params = json!({ "notifications": notifications });
    match world.send(request("subscriptions/listen", &params)) {
        Back::Stream(inlet) => inlet,
        Back::Json(status, body) => panic!("{status} {body}"),
    }
}

fn change(world: &World, what: &str) {
    block_on(&world.host, world.host.keep(what, b"x")).unwrap();
    pass(&world.host, 250);
}

fn methods(events: &[Value]) -> Vec<&str> {
    for event in events {
        let id = &event["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
        assert_eq!(id, &json!(7), "{event}");
    }
    events
        .iter()
        .filter_map(|event| event["method"].as_str())
        .collect()
}

#[test]
fn what_will_be_told_is_said_first_and_nothing_else_is_told() {
    let world = World::new(CHANGING);
    let inlet = listen(
        &world,
        &json!({
            "toolsListChanged": true, "promptsListChanged": false, "resourcesListChanged": true,
            "resourceSubscriptions": ["a:b"],
        }),
    );
    let first = world.events(&inlet);
    assert_eq!(
        methods(&first),
        ["notifications/subscriptions/acknowledged"]
    );
    // The list of resources is fixed here, so nothing is promised of it.
    let accepted = json!({"toolsListChanged": true, "resourceSubscriptions": ["a:b"]});
    assert_eq!(first[0]["params"]["notifications"], accepted);
    for (what, told) in [
        ("prompts", vec![]),
        ("resources", vec![]),
        ("tools", vec!["notifications/tools/list_changed"]),
        ("a:b", vec!["notifications/resources/updated"]),
        ("c:d", vec![]),
    ] {
        change(&world, what);
        assert_eq!(methods(&world.events(&inlet)), told, "{what}");
    }
}

#[test]
fn a_store_that_does_not_answer_for_a_while_loses_nothing() {
    let world = World::new(CHANGING);
    let inlet = listen(&world, &json!({"toolsListChanged": true}));
    assert_eq!(world.events(&inlet).len(), 1);
    block_on(&world.host, world.host.keep("tools", b"x")).unwrap();
    world.host.store_is_down(true);
    pass(&world.host, 250);
    assert_eq!(world.events(&inlet).len(), 0);
    world.host.store_is_down(false);
    pass(&world.host, 250);
    assert_eq!(
        methods(&world.events(&inlet)),
        ["notifications/tools/list_changed"]
    );
}

#[test]
fn a_stream_is_kept_alive_and_ends_with_its_answer() {
    let world = World::new(CHANGING);
    let inlet = listen(&world, &json!({}));
    world.host.settle();
    assert_eq!(
        world.events(&inlet)[0]["params"]["notifications"],
        json!({})
    );
    for _ in 0..61 {
        pass(&world.host, 250);
    }
    assert_eq!(inlet.read().as_deref(), Some(mcp::event_stream::KEEP_ALIVE));
    let mut last = Vec::new();
    for _ in 0..2400 {
        pass(&world.host, 250);
        last.extend(world.events(&inlet));
    }
    assert!(inlet.has_ended());
    assert_eq!(last.len(), 1);
    let result = &last[0]["result"];
    assert_eq!(
        (&last[0]["id"], &result["resultType"]),
        (&json!(7), &json!("complete"))
    );
    assert_eq!(result["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
}

#[test]
fn who_does_not_say_what_to_hear_is_refused() {
    let world = World::new(CHANGING);
    let (status, body) = world.ask("subscriptions/listen", &json!({}));
    assert_eq!((status, &body["error"]["code"]), (400, &json!(-32602)));
}
