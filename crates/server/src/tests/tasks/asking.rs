//! Tasks that ask their clients, and calls that asked before they became tasks.

use serde_json::{Value, json};

use super::{TASKS, begin, result, seconds, status, told};
use crate::tests::world::World;

fn form(n: &Value) -> Value {
    json!({"action": "accept", "content": {"n": n}})
}

fn update(world: &World, id: &str, responses: &Value) {
    let params = json!({"taskId": id, "inputResponses": responses});
    let mut heard = result(world, "tasks/update", &params);
    heard.as_object_mut().unwrap().remove("_meta");
    assert_eq!(heard, json!({"resultType": "complete"}));
    seconds(world, 1);
}

fn open(world: &World, id: &str) -> Vec<String> {
    let told = told(world, id);
    assert_eq!(told["status"], "input_required", "{told}");
    let open = told["inputRequests"].as_object().unwrap();
    open.keys().cloned().collect()
}

#[test]
fn a_task_asks_until_everything_is_answered_and_goes_on() {
    let world = World::new(TASKS);
    let id = begin(&world, "ask");
    seconds(&world, 1);
    assert_eq!(
        told(&world, &id)["inputRequests"]["a"]["method"],
        "elicitation/create"
    );
    assert_eq!(world.host.work_count(), 0, "a person may think for long");
    for (responses, still) in [
        (json!({}), vec!["a", "b"]),
        (
            json!({"unknown": form(&json!(1)), "c": form(&json!(100))}),
            vec!["a", "b"],
        ),
        (json!({"a": 7, "b": form(&json!("x"))}), vec!["a", "b"]),
        (json!({"a": form(&json!(1)), "b": null}), vec!["b"]),
        // What was answered once is not answered anew.
        (json!({"a": form(&json!(1000))}), vec!["b"]),
        (json!({"b": form(&json!(20))}), vec!["c"]),
    ] {
        update(&world, &id, &responses);
        assert_eq!(open(&world, &id), still, "{responses}");
    }
    update(&world, &id, &json!({"c": form(&json!(300))}));
    let told = told(&world, &id);
    assert_eq!(told["status"], "completed");
    assert_eq!(told["result"]["content"][0]["text"], "321");
    assert_eq!(told["inputRequests"], Value::Null);
    update(&world, &id, &json!({"c": form(&json!(0))}));
    assert_eq!(status(&world, &id), "completed");
}

#[test]
fn a_task_that_asks_can_be_cancelled_and_answers_come_too_late() {
    let world = World::new(TASKS);
    let id = begin(&world, "ask");
    seconds(&world, 1);
    result(&world, "tasks/cancel", &json!({ "taskId": id }));
    update(
        &world,
        &id,
        &json!({"a": form(&json!(1)), "b": form(&json!(1))}),
    );
    assert_eq!(status(&world, &id), "cancelled");
    assert_eq!(world.host.work_count(), 0);
}

#[test]
fn a_call_that_asked_first_takes_its_answers_into_the_task() {
    let world = World::new(TASKS);
    let mut params = json!({"name": "job", "arguments": {"do": "ask first"}});
    let asked = result(&world, "tools/call", &params);
    assert_eq!(asked["resultType"], "input_required");
    assert_eq!(asked["taskId"], Value::Null);
    assert_eq!(world.host.kept_tasks().len(), 0);
    params["inputResponses"] = json!({"a": form(&json!(42))});
    params["requestState"] = asked["requestState"].clone();
    let begun = result(&world, "tools/call", &params);
    assert_eq!(begun["resultType"], "task");
    assert_eq!(begun["requestState"], Value::Null);
    seconds(&world, 1);
    let told = told(&world, begun["taskId"].as_str().unwrap());
    assert_eq!(told["result"]["content"][0]["text"], "42");
}
