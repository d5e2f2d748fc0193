//! Who listens hears what becomes of their tasks, and of nobody else's.

use serde_json::{Value, json};

use super::{ADA, As, TASKS, begin, capabilities, result, seconds, send};
use crate::tests::world::{Back, World, request};

#[test]
fn each_step_of_the_listeners_own_tasks_is_told_once() {
    let world = World::new(TASKS);
    let bob = As {
        subject: "dev:bob",
        ..ADA
    };
    let (_, theirs) = send(&world, bob, "tools/call", &json!({"name": "job"}));
    let theirs = &theirs["result"]["taskId"];
    let (wait, ask) = (begin(&world, "wait"), begin(&world, "ask"));
    let unwatched = begin(&world, "wait");
    let params = json!({
        "notifications": {"taskIds": [wait, ask, theirs, "unknown"]},
        "_meta": {"io.modelcontextprotocol/clientCapabilities": capabilities(true)},
    });
    let Back::Stream(inlet) = world.send(request("subscriptions/listen", &params)) else {
        panic!("no stream");
    };
    let mut events = world.events(&inlet);
    let mut accepted = vec![wait.clone(), ask.clone()];
    accepted.sort();
    assert_eq!(
        events[0]["params"]["notifications"],
        json!({"taskIds": accepted})
    );
    seconds(&world, 4);
    result(&world, "tasks/cancel", &json!({ "taskId": ask }));
    seconds(&world, 4);
    events = world.events(&inlet);
    let told = |id: &str| -> Vec<Value> {
        let of_task = events
            .iter()
            .filter(|event| event["params"]["taskId"] == id);
        of_task
            .map(|event| {
                assert_eq!(event["method"], "notifications/tasks");
                let meta = &event["params"]["_meta"];
                assert_eq!(meta["io.modelcontextprotocol/subscriptionId"], 7);
                event["params"]["status"].clone()
            })
            .collect()
    };
    assert_eq!(told(&wait), ["working", "completed"]);
    // It had asked before anybody listened.
    assert_eq!(told(&ask), ["cancelled"]);
    assert_eq!(
        told(&unwatched).len() + told(theirs.as_str().unwrap()).len(),
        0
    );
    assert_eq!(events.len(), 3);
}

#[test]
fn who_does_not_know_tasks_cannot_listen_to_them() {
    let world = World::new(TASKS);
    let id = begin(&world, "wait");
    let params = json!({"notifications": {"taskIds": [id]}});
    let (status, body) = world.ask("subscriptions/listen", &params);
    assert_eq!((status, &body["error"]["code"]), (400, &json!(-32021)));
}
