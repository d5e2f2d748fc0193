//! Questions and answers, round by round.

use std::time::Duration;

use http::HeaderValue;
use serde_json::{Value, json};

use super::world::{Back, TOOLS, World, assertion, request};

fn accepted(n: &Value) -> Value {
    json!({"action": "accept", "content": {"n": n}})
}

fn steps(world: &World, more: &Value) -> (u16, Value) {
    let mut params = json!({"name": "steps"});
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    world.ask("tools/call", &params)
}

/// The state with which the second question is asked.
fn state(world: &World) -> String {
    let (_, body) = steps(
        world,
        &json!({"inputResponses": {"first": accepted(&json!(20))}}),
    );
    assert_eq!(body["result"]["resultType"], "input_required", "{body}");
    body["result"]["requestState"].as_str().unwrap().to_owned()
}

#[test]
fn a_call_asks_until_it_knows_enough_and_what_it_knew_comes_back_sealed() {
    let world = World::new(TOOLS);
    let (status, first) = steps(&world, &json!({}));
    assert_eq!(status, 200);
    let result = &first["result"];
    assert_eq!(result["resultType"], "input_required");
    let asked = &result["inputRequests"]["first"];
    assert_eq!(asked["method"], "elicitation/create");
    assert_eq!(asked["params"]["message"], "One?");
    assert_eq!(result["requestState"], Value::Null);
    let state = state(&world);
    let answered = json!({
        "inputResponses": {"second": accepted(&json!(22)), "unknown": 7}, "requestState": state,
    });
    let (_, last) = steps(&world, &answered);
    assert_eq!(last["result"]["resultType"], "complete");
    assert_eq!(last["result"]["content"][0]["text"], "42");
}

#[test]
fn an_answer_that_does_not_fit_is_asked_for_again() {
    let world = World::new(TOOLS);
    for answer in [
        json!({}),
        json!({"other": accepted(&json!(1))}),
        json!({"first": 12345}),
        json!({"first": null}),
        json!({"first": {"action": "accept"}}),
        json!({"first": {"action": "perhaps", "content": {"n": 1}}}),
        json!({"first": accepted(&json!("one"))}),
    ] {
        let (status, body) = steps(&world, &json!({ "inputResponses": answer }));
        assert_eq!(status, 200);
        assert_eq!(
            body["result"]["inputRequests"]["first"]["params"]["message"], "One?",
            "{answer}"
        );
    }
    for (responses, code) in [(json!(null), -32602), (json!([1]), -32602)] {
        let (_, body) = steps(&world, &json!({ "inputResponses": responses }));
        assert_eq!(body["error"]["code"], code, "{responses}");
    }
    let declined = json!({"first": {"action": "decline"}});
    let (_, body) = steps(&world, &json!({ "inputResponses": declined }));
    assert!(
        body["result"]["inputRequests"]["second"].is_object(),
        "{body}"
    );
}

#[test]
fn a_bound_question_is_not_answered_before_it_was_asked() {
    let world = World::new(TOOLS);
    let both = json!({"first": accepted(&json!(1)), "second": accepted(&json!(2))});
    let (_, body) = steps(&world, &json!({ "inputResponses": both }));
    let open = body["result"]["inputRequests"].as_object().unwrap();
    assert_eq!(open.keys().collect::<Vec<_>>(), ["second"]);
}

#[test]
fn a_state_is_for_one_person_and_call_unchanged_and_in_time() {
    let world = World::new(TOOLS);
    let state = state(&world);
    let second = json!({"second": accepted(&json!(22))});
    let code = |more: &Value| steps(&world, more).1["error"]["code"].clone();
    for text in [format!("{state}-TAMPERED"), String::new(), "x.y".to_owned()] {
        let more = json!({"inputResponses": second, "requestState": text});
        assert_eq!(code(&more), -32602, "{text}");
    }
    assert_eq!(code(&json!({"requestState": 7})), -32602);
    let with_arguments = json!({"arguments": {"x": 1}, "requestState": state});
    assert_eq!(code(&with_arguments), -32602);
    let params = json!({"name": "steps", "inputResponses": second, "requestState": state});
    let mut theirs = request("tools/call", &params);
    let bob = format!("Bearer {}", assertion(&json!({"sub": "dev:bob"})));
    let bob = HeaderValue::from_str(&bob).unwrap();
    theirs.headers_mut().insert("authorization", bob);
    let Back::Json(_, body) = world.send(theirs) else {
        panic!("a stream");
    };
    assert_eq!(body["error"]["code"], -32602);
    let mut late = request("tools/call", &params);
    world
        .host
        .set_now(world.now().plus(Duration::from_mins(10)));
    let fresh = assertion(&json!({"exp": 1_000_700}));
    let fresh = HeaderValue::from_str(&format!("Bearer {fresh}")).unwrap();
    late.headers_mut().insert("authorization", fresh);
    let Back::Json(_, body) = world.send(late) else {
        panic!("a stream");
    };
    assert_eq!(body["error"]["code"], -32602, "{body}");
}

#[test]
fn a_client_that_cannot_be_asked_is_told_what_it_lacks() {
    let world = World::new(TOOLS);
    for capabilities in [
        json!({}),
        json!({"sampling": {}}),
        json!({"elicitation": {"url": {}}}),
    ] {
        let meta = json!({"io.modelcontextprotocol/clientCapabilities": capabilities});
        let (status, body) = steps(&world, &json!({ "_meta": meta }));
        assert_eq!((status, &body["error"]["code"]), (400, &json!(-32021)));
        let data = json!({"requiredCapabilities": {"elicitation": {}}});
        assert_eq!(body["error"]["data"], data);
    }
}
