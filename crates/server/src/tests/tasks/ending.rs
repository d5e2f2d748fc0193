//! How tasks end: by themselves, by their clients, by their time, and by the death of whoever
//! worked on them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ADA, As, TASKS, begin, result, seconds, send, status, told};
use crate::tests::world::World;

fn cancel(world: &World, id: &str) {
    let mut heard = result(world, "tasks/cancel", &json!({ "taskId": id }));
    heard.as_object_mut().unwrap().remove("_meta");
    assert_eq!(heard, json!({"resultType": "complete"}));
}

#[test]
fn a_tool_that_failed_is_completed_and_what_has_no_outcome_failed() {
    let world = World::new(TASKS);
    let failed = begin(&world, "fail");
    let refused = begin(&world, "refuse");
    seconds(&world, 1);
    let failed = told(&world, &failed);
    assert_eq!(failed["status"], "completed");
    assert_eq!(failed["result"]["isError"], true);
    assert_eq!(failed["error"], Value::Null);
    let refused = told(&world, &refused);
    assert_eq!(refused["status"], "failed");
    let error = json!({"code": -32603, "message": "the server has no more of it"});
    assert_eq!(refused["error"], error);
    assert_eq!(refused["result"], Value::Null);
}

#[test]
fn cancelling_stops_the_work_and_again_is_the_same_as_once() {
    let world = World::new(TASKS);
    let id = begin(&world, "never end");
    seconds(&world, 2);
    assert_eq!(world.host.work_count(), 1);
    for _ in 0..2 {
        cancel(&world, &id);
        assert_eq!(status(&world, &id), "cancelled");
    }
    seconds(&world, 2);
    assert_eq!(world.host.work_count(), 0);
    let id = begin(&world, "wait");
    seconds(&world, 6);
    cancel(&world, &id);
    assert_eq!(status(&world, &id), "completed");
}

#[test]
fn what_was_cancelled_is_not_completed_by_who_did_not_hear_of_it() {
    let world = World::new(TASKS);
    let id = begin(&world, "wait");
    // The work ends in the very moment in which it would have looked.
    for _ in 0..9 {
        crate::tests::world::pass(&world.host, 500);
    }
    cancel(&world, &id);
    seconds(&world, 2);
    assert_eq!(status(&world, &id), "cancelled");
}

#[test]
fn a_task_whose_instance_died_fails_at_its_deadline() {
    let world = World::new(TASKS);
    let id = begin(&world, "wait");
    world.host.forget_work();
    seconds(&world, 19);
    assert_eq!(status(&world, &id), "working");
    seconds(&world, 1);
    let dead = told(&world, &id);
    assert_eq!(
        (&dead["status"], &dead["error"]["code"]),
        (&json!("failed"), &json!(-32603))
    );
    cancel(&world, &id);
    assert_eq!(told(&world, &id), dead);
}

#[test]
fn work_that_takes_too_long_is_stopped() {
    let world = World::new(TASKS);
    let id = begin(&world, "never end");
    seconds(&world, 22);
    assert_eq!(world.host.work_count(), 0);
    assert_eq!(status(&world, &id), "failed");
}

#[test]
fn a_store_that_does_not_answer_loses_nothing_that_was_promised() {
    let world = World::new(TASKS);
    let id = begin(&world, "wait");
    seconds(&world, 1);
    world.host.store_is_down(true);
    let params = json!({"name": "job"});
    let (_, body) = send(&world, ADA, "tools/call", &params);
    assert_eq!(body["error"]["code"], -32603);
    seconds(&world, 8);
    world.host.store_is_down(false);
    assert_eq!(world.host.kept_tasks().len(), 1);
    assert_eq!(status(&world, &id), "working");
    seconds(&world, 2);
    assert_eq!(told(&world, &id)["result"]["content"][0]["text"], "done");
}

#[test]
fn a_task_is_kept_for_its_time_and_not_beyond() {
    let world = World::new(TASKS);
    let id = begin(&world, "ask");
    seconds(&world, 1);
    world.host.advance(Duration::from_secs(3598));
    assert_eq!(status(&world, &id), "input_required");
    seconds(&world, 1);
    let (_, body) = send(&world, ADA, "tasks/get", &json!({ "taskId": id }));
    assert_eq!(body["error"]["code"], -32602);
    seconds(&world, 1);
    begin(&world, "wait");
    assert_eq!(world.host.kept_tasks().len(), 1, "the first was removed");
}

#[test]
fn a_person_has_so_many_tasks_and_leaves_room_for_others() {
    let world = World::new(TASKS);
    for _ in 0..host::MOST_TASKS {
        begin(&world, "refuse");
    }
    let params = json!({"name": "job"});
    let (status, body) = send(&world, ADA, "tools/call", &params);
    assert_eq!((status, &body["error"]["code"]), (200, &json!(-32603)));
    let bob = As {
        subject: "dev:bob",
        ..ADA
    };
    let (_, body) = send(&world, bob, "tools/call", &params);
    assert_eq!(body["result"]["resultType"], "task");
}
