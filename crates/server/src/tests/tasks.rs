//! Calls that go on after their answer: begun, looked after, and over.

mod asking;
mod ending;
mod listening;

use http::HeaderValue;
use serde_json::{Value, json};

use super::world::{Back, TOOLS, World, assertion, pass, request};
use crate::Offered;

const TASKS: Offered = Offered {
    tasks: true,
    ..TOOLS
};

/// With the extension, and without.
fn capabilities(extension: bool) -> Value {
    if extension {
        json!({"elicitation": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}})
    } else {
        json!({"elicitation": {}})
    }
}

/// As whom something is sent: otherwise than Ada, by her client, with the extension.
#[derive(Clone, Copy)]
struct As {
    subject: &'static str,
    client: &'static str,
    extension: bool,
}

const ADA: As = As {
    subject: "dev:ada",
    client: "client",
    extension: true,
};

fn send(world: &World, who: As, method: &str, params: &Value) -> (u16, Value) {
    let mut params = params.clone();
    params["_meta"] =
        json!({"io.modelcontextprotocol/clientCapabilities": capabilities(who.extension)});
    let mut request = request(method, &params);
    let claims = json!({"sub": who.subject, "client_id": who.client, "exp": 2_000_000});
    let bearer = format!("Bearer {}", assertion(&claims));
    let bearer = HeaderValue::from_str(&bearer).unwrap();
    request.headers_mut().insert("authorization", bearer);
    match world.send(request) {
        Back::Json(status, body) => (status.as_u16(), body),
        Back::Stream(_) => panic!("{method} {params} opened a stream"),
    }
}

fn result(world: &World, method: &str, params: &Value) -> Value {
    let (status, body) = send(world, ADA, method, params);
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["error"], Value::Null, "{body}");
    body["result"].clone()
}

fn begin(world: &World, what: &str) -> String {
    let params = json!({"name": "job", "arguments": {"do": what}});
    let begun = result(world, "tools/call", &params);
    assert_eq!(begun["resultType"], "task", "{begun}");
    begun["taskId"].as_str().unwrap().to_owned()
}

fn told(world: &World, id: &str) -> Value {
    let told = result(world, "tasks/get", &json!({ "taskId": id }));
    assert_eq!(
        (&told["taskId"], &told["resultType"]),
        (&json!(id), &json!("complete"))
    );
    told
}

fn status(world: &World, id: &str) -> String {
    told(world, id)["status"].as_str().unwrap().to_owned()
}

fn seconds(world: &World, seconds: u64) {
    for _ in 0..seconds * 2 {
        pass(&world.host, 500);
    }
}

#[test]
fn a_task_is_kept_before_it_is_told_of_and_says_how_far_it_is() {
    let world = World::new(TASKS);
    let params = json!({"name": "job", "task": {"ttl": 60_000}});
    let begun = result(&world, "tools/call", &params);
    let id = begun["taskId"].as_str().unwrap();
    assert_eq!(world.host.kept_tasks().len(), 1);
    let mut expected = json!({
        "resultType": "task", "taskId": id, "status": "working",
        "createdAt": "1970-01-12T13:46:40Z", "lastUpdatedAt": "1970-01-12T13:46:40Z",
        "ttlMs": 3_600_000, "pollIntervalMs": 500, "_meta": begun["_meta"],
    });
    assert_eq!(begun, expected);
    expected["resultType"] = json!("complete");
    assert_eq!(told(&world, id), expected);
    seconds(&world, 3);
    expected["statusMessage"] = json!("1 of 2");
    expected["lastUpdatedAt"] = told(&world, id)["lastUpdatedAt"].clone();
    assert_eq!(told(&world, id), expected);
    assert_ne!(expected["lastUpdatedAt"], expected["createdAt"]);
    seconds(&world, 4);
    let told = told(&world, id);
    assert_eq!(told["status"], "completed");
    assert_eq!(told["result"]["content"][0]["text"], "done");
    assert_eq!(told["statusMessage"], Value::Null);
    assert_eq!(world.host.work_count(), 0);
}

#[test]
fn a_client_that_knows_no_tasks_waits_or_is_refused() {
    let world = World::new(TASKS);
    let other = As {
        extension: false,
        ..ADA
    };
    let call = |what| {
        let params = json!({"name": "job", "arguments": {"do": what}});
        send(&world, other, "tools/call", &params)
    };
    let (_, waited) = call("wait");
    assert_eq!(waited["result"]["resultType"], "complete");
    assert_eq!(waited["result"]["content"][0]["text"], "done");
    let id = begin(&world, "wait");
    let lacks = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let of_task = |method| send(&world, other, method, &json!({ "taskId": id }));
    for (what, (status, body)) in [
        ("a call", call("only as a task")),
        ("get", of_task("tasks/get")),
        ("update", of_task("tasks/update")),
        ("cancel", of_task("tasks/cancel")),
    ] {
        let error = &body["error"];
        assert_eq!((status, &error["code"]), (400, &json!(-32021)), "{what}");
        assert_eq!(error["data"]["requiredCapabilities"], lacks, "{what}");
    }
    assert_eq!(status(&world, &id), "working");
}

#[test]
fn a_task_is_unknown_to_all_but_the_person_and_the_client_that_began_it() {
    let world = World::new(TASKS);
    let id = begin(&world, "ask");
    seconds(&world, 1);
    let bob = As {
        subject: "dev:bob",
        ..ADA
    };
    let elsewhere = As {
        client: "else",
        ..ADA
    };
    for (who, asked) in [(bob, &*id), (elsewhere, &*id), (ADA, "unknown"), (ADA, "")] {
        let params = json!({"taskId": asked, "inputResponses": {"a": {"action": "cancel"}}});
        for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
            let (status, body) = send(&world, who, method, &params);
            let message = format!("unknown task: {asked}");
            assert_eq!(
                (status, &body["error"]["code"]),
                (200, &json!(-32602)),
                "{method}"
            );
            assert_eq!(body["error"]["message"], message, "{method}");
        }
    }
    assert_eq!(
        told(&world, &id)["inputRequests"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
    let (status, body) = send(&world, ADA, "tasks/get", &json!({"taskId": 7}));
    assert_eq!((status, &body["error"]["code"]), (200, &json!(-32602)));
}

#[test]
fn the_header_names_the_task_that_the_body_names() {
    let world = World::new(TASKS);
    let id = begin(&world, "wait");
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        for header in [None, Some("another")] {
            let mut request = request(method, &json!({ "taskId": id }));
            let headers = request.headers_mut();
            headers.remove("mcp-name");
            if let Some(header) = header {
                headers.insert("mcp-name", HeaderValue::from_static(header));
            }
            let Back::Json(status, body) = world.send(request) else {
                panic!("a stream");
            };
            assert_eq!(
                (status.as_u16(), &body["error"]["code"]),
                (400, &json!(-32020))
            );
        }
    }
}

#[test]
fn what_is_kept_is_sealed_for_its_place() {
    let world = World::new(TASKS);
    let (ask, wait) = (begin(&world, "ask"), begin(&world, "wait"));
    let rows = world.host.kept_tasks();
    for row in &rows {
        for word in ["dev:ada", "ask", "job"] {
            assert!(!row.sealed.contains(word) && !row.owner.contains(word));
        }
    }
    // Whoever can write to the store gains nothing by giving one task the place of another.
    world.host.swap_tasks(&ask, &wait);
    for id in [&ask, &wait] {
        let (_, body) = send(&world, ADA, "tasks/get", &json!({ "taskId": id }));
        assert_eq!(body["error"]["code"], -32602);
    }
}
