//! Questions, and who answers them.

use std::time::Duration;

use harness::client::body;
use harness::events::Look;
use harness::{Streaming, World};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Talking, call, everything, last, posting, text};

crate::flows::everywhere!(on_a_speaking_host or in_a_speaking_memory:
    a_person_is_asked_and_their_answer_goes_to_the_server,
    a_server_may_ask_for_several_things_and_again,
    a_client_that_refuses_is_spoken_for,
    an_answer_counts_once_and_from_the_client_that_was_asked,
    a_client_is_asked_for_nothing_that_it_did_not_say_it_can_give,
    progress_comes_before_a_question,
);

async fn a_person_is_asked_and_their_answer_goes_to_the_server(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let arguments = json!({"message": "Who are you?"});
    let mut events = client.open(&call(1, "test_elicitation", &arguments)).await;
    let question = events.message().await;
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], "Who are you?");
    assert_eq!(question["params"]["requestedSchema"]["type"], "object");
    assert!(question["id"].as_str().unwrap().len() >= 22, "unguessable");
    let content = json!({"username": "ada", "email": "ada@example.com"});
    let given = json!({"action": "accept", "content": content});
    client.answer(&question, given).await;
    let answer = last(&mut events).await;
    assert_eq!(answer["id"], 1);
    assert!(text(&answer).contains("ada@example.com"), "{answer}");
    // A model is asked in the same way.
    let arguments = json!({"prompt": "What is 6 x 7?"});
    let mut events = client.open(&call(2, "test_sampling", &arguments)).await;
    let question = events.message().await;
    assert_eq!(question["method"], "sampling/createMessage");
    let content = json!({"type": "text", "text": "42"});
    let given = json!({"role": "assistant", "content": content, "model": "m"});
    client.answer(&question, given).await;
    assert_eq!(text(&last(&mut events).await), "LLM response: 42");
}

async fn a_server_may_ask_for_several_things_and_again(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let several = call(1, "test_input_required_result_multiple_inputs", &json!({}));
    let mut events = client.open(&several).await;
    for _ in 0..3 {
        let question = events.message().await;
        let given = match question["method"].as_str().unwrap() {
            "elicitation/create" => json!({"action": "accept", "content": {"name": "Ada"}}),
            "sampling/createMessage" => json!({
                "role": "assistant", "content": {"type": "text", "text": "Hello"}, "model": "m",
            }),
            _ => json!({"roots": [{"uri": "file:///home/ada"}]}),
        };
        client.answer(&question, given).await;
    }
    let answer = last(&mut events).await;
    assert_eq!(text(&answer), "Hello, Ada! Roots: file:///home/ada");
    let again = call(2, "test_input_required_result_multi_round", &json!({}));
    let mut events = client.open(&again).await;
    for (key, value) in [("name", "Ada"), ("color", "green")] {
        let question = events.message().await;
        let content = json!({ key: value });
        let given = json!({"action": "accept", "content": content});
        client.answer(&question, given).await;
    }
    assert_eq!(text(&last(&mut events).await), "Ada likes green");
}

async fn a_client_that_refuses_is_spoken_for(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let refusal = |question: &Value| {
        let error = json!({"code": -1, "message": "User rejected the request"});
        json!({"jsonrpc": "2.0", "id": question["id"], "error": error})
    };
    let arguments = json!({"message": "m"});
    let mut events = client.open(&call(1, "test_elicitation", &arguments)).await;
    let question = events.message().await;
    let taken = client.post(&refusal(&question)).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    assert!(text(&last(&mut events).await).contains("action: cancel"));
    let arguments = json!({"prompt": "p"});
    let mut events = client.open(&call(2, "test_sampling", &arguments)).await;
    let question = events.message().await;
    client.post(&refusal(&question)).await;
    let answer = last(&mut events).await;
    assert_eq!(answer["id"], 2);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("sampling/createMessage"), "{message}");
}

async fn an_answer_counts_once_and_from_the_client_that_was_asked(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let graces = world.tokens("grace").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let other = Talking::begin(&world.web, &token, &everything()).await;
    let theirs = Talking::begin(&world.web, &graces, &everything()).await;
    let arguments = json!({"message": "m"});
    let mut events = client.open(&call(1, "test_elicitation", &arguments)).await;
    let question = events.message().await;
    let result = json!({"action": "decline"});
    let given = json!({"jsonrpc": "2.0", "id": question["id"], "result": result});
    for somebody in [&other, &theirs] {
        let refused = somebody.post(&given).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(body(&refused)["error"]["code"], -32600);
    }
    // Her token in Ada's session, and no session at all.
    for (token, session) in [(&graces, Some(client.session.as_str())), (&token, None)] {
        let refused = world.web.send(posting(token, session, &given)).await;
        assert!(refused.status().is_client_error());
    }
    let unknown = json!({"jsonrpc": "2.0", "id": "x", "result": result});
    assert_eq!(
        client.post(&unknown).await.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(events.look(Duration::from_millis(200)).await, Look::Silence);
    client.answer(&question, result).await;
    assert!(text(&last(&mut events).await).contains("action: decline"));
    let again = client.post(&given).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}

async fn a_client_is_asked_for_nothing_that_it_did_not_say_it_can_give(
    world: World<impl Streaming>,
) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &json!({"roots": {}})).await;
    let arguments = json!({"message": "m"});
    let asked = client.post(&call(1, "test_elicitation", &arguments)).await;
    let message = body(&asked)["error"]["message"].to_string();
    assert!(message.contains("`elicitation`"), "{message}");
}

async fn progress_comes_before_a_question(world: World<impl Streaming>) {
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let mut events = client
        .open(&call(1, "test_streaming_elicitation", &json!({})))
        .await;
    let said = events.message().await;
    assert_eq!(said["params"]["progress"], 50, "{said}");
    let question = events.message().await;
    assert_eq!(question["method"], "elicitation/create");
    client.answer(&question, json!({"action": "decline"})).await;
    // The call is made anew, and says again how far it is.
    assert_eq!(events.message().await["params"]["progress"], 50);
    assert!(text(&last(&mut events).await).contains("action: decline"));
}
