//! A question is asked by one process, and answered at another.

use harness::host::Host;
use harness::{HttpWeb, World};
use serde_json::json;

use super::{Talking, call, everything, last, speaking, text};

/// Both are asked by one name, as behind a balancer.
fn web(host: &Host) -> HttpWeb {
    HttpWeb::at(host.url("").trim_end_matches('/'), "http://localhost:3000")
}

#[tokio::test]
async fn an_answer_is_posted_to_another_process_than_the_one_that_holds_the_stream() {
    let [product, state] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let options = speaking(&product).state_dir(state.path());
    let hosts = [(); 2].map(|()| crate::flows::start(&options));
    let [here, there] = hosts.each_ref().map(web);
    let world = World::new(here).await;
    let token = world.tokens("ada").await.access;
    let client = Talking::begin(&world.web, &token, &everything()).await;
    let elsewhere = Talking {
        web: &there,
        token: &token,
        session: client.session.clone(),
    };
    for id in 0..3 {
        let again = call(id, "test_input_required_result_multi_round", &json!({}));
        let mut events = client.open(&again).await;
        for (key, value) in [("name", "Ada"), ("color", "green")] {
            let question = events.message().await;
            let content = json!({ key: value });
            let given = json!({"action": "accept", "content": content});
            elsewhere.answer(&question, given).await;
        }
        let answer = last(&mut events).await;
        assert_eq!(answer["id"], id);
        assert_eq!(text(&answer), "Ada likes green");
    }
}
