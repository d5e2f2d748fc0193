use std::time::Duration;

use jose::{SealKeys, Secret, derive};
use oauth::assertion::Calling;
use oauth::{Person, Scopes, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Binding, State};

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

fn keys(master: &[u8]) -> SealKeys<State> {
    let key = derive::symmetric(&Secret::new(jose::sha256(master)), "state");
    SealKeys::parse("state_key", &key).unwrap()
}

fn calling(subject: &str, client: &str) -> Calling {
    let person: Person = serde_json::from_value(json!({ "subject": subject })).unwrap();
    Calling {
        person,
        client_id: client.to_owned(),
        scopes: Scopes::default(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else {
        panic!("{value} is no object");
    };
    members
}

fn params() -> Map<String, Value> {
    object(json!({"name": "t", "arguments": {"a": 1}, "_meta": {"k": 1}}))
}

fn binding(subject: &str, client: &str, method: &str, params: &Map<String, Value>) -> Binding {
    Binding::new(&calling(subject, client), method, params)
}

fn ada() -> Binding {
    binding("dev:ada", "client", "tools/call", &params())
}

fn sealed(known: &Map<String, Value>) -> String {
    let state = State::new(ada(), vec!["step2".to_owned()], known.clone(), NOW);
    state.seal(&keys(b"m"), "fixtures", [7; 24]).unwrap()
}

fn opens(text: &str, component: &str, binding: &Binding, now: Timestamp) -> bool {
    State::open(text, &keys(b"m"), component, binding, now).is_ok()
}

#[test]
fn it_opens_for_the_same_person_client_and_call_in_its_time() {
    let text = sealed(&Map::new());
    let retried = object(json!({
        "name": "t", "arguments": {"a": 1}, "_meta": {"k": 2},
        "inputResponses": {"step2": {}}, "requestState": text,
    }));
    let again = |subject, client, method| binding(subject, client, method, &retried);
    let altered = object(json!({"name": "t", "arguments": {"a": 2}}));
    let renamed = object(json!({"name": "u", "arguments": {"a": 1}}));
    let later = |seconds| NOW.plus(Duration::from_secs(seconds));
    for (what, component, binding, now, good) in [
        (
            "a retry",
            "fixtures",
            again("dev:ada", "client", "tools/call"),
            later(599),
            true,
        ),
        ("too late", "fixtures", ada(), later(600), false),
        ("another component", "other", ada(), NOW, false),
        (
            "another person",
            "fixtures",
            again("dev:bob", "client", "tools/call"),
            NOW,
            false,
        ),
        (
            "another client",
            "fixtures",
            again("dev:ada", "else", "tools/call"),
            NOW,
            false,
        ),
        (
            "another method",
            "fixtures",
            again("dev:ada", "client", "prompts/get"),
            NOW,
            false,
        ),
        (
            "other arguments",
            "fixtures",
            binding("dev:ada", "client", "tools/call", &altered),
            NOW,
            false,
        ),
        (
            "another tool",
            "fixtures",
            binding("dev:ada", "client", "tools/call", &renamed),
            NOW,
            false,
        ),
    ] {
        assert_eq!(opens(&text, component, &binding, now), good, "{what}");
    }
    let theirs = State::open(&text, &keys(b"another"), "fixtures", &ada(), NOW);
    assert!(theirs.is_err());
    assert!(!opens(&format!("{text}-TAMPERED"), "fixtures", &ada(), NOW));
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened(key in "[a-z]{1,8}", text in "\\PC{0,30}", number in any::<i64>()) {
        let known = object(json!({ key: {"text": text, "number": number} }));
        let state = State::open(&sealed(&known), &keys(b"m"), "fixtures", &ada(), NOW).unwrap();
        prop_assert_eq!(state.known, known);
        prop_assert_eq!(state.open, ["step2"]);
    }

    #[test]
    fn any_change_is_refused(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9._-]") {
        let text = sealed(&object(json!({"step1": {"action": "accept"}})));
        let index = at.index(text.len());
        let mut bytes = text.clone().into_bytes();
        bytes[index] = to.as_bytes()[0];
        let altered = String::from_utf8(bytes).unwrap();
        prop_assume!(altered != text);
        prop_assert!(!opens(&altered, "fixtures", &ada(), NOW));
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,80}") {
        prop_assert!(!opens(&text, "fixtures", &ada(), NOW));
    }
}
