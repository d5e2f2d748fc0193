use std::time::Duration;

use mcp::{ClientCapabilities, Refused};
use oauth::assertion::Calling;
use oauth::{Person, Scopes, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Leaving, Task};
use crate::Question;
use crate::interrupted::Asked;

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

fn calling() -> Calling {
    let person: Person = serde_json::from_value(json!({"subject": "dev:ada"})).unwrap();
    Calling {
        person,
        client_id: "client".to_owned(),
        scopes: Scopes::default(),
    }
}

fn begun() -> Task {
    let leaving = Leaving {
        within: Duration::from_secs(60),
        known: Map::new(),
    };
    let who = (calling(), ClientCapabilities::default());
    Task::begin(who, ("job".to_owned(), Map::new()), leaving, NOW)
}

/// Something that happens to a task, some seconds after what happened before.
#[derive(Clone, Debug)]
enum Happens {
    Answers(Vec<usize>),
    Asks(usize),
    Cancels,
    Completes,
    Fails,
    Looks,
    Says,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        prop::collection::vec(0_usize..4, 0..4).prop_map(Happens::Answers),
        (1_usize..4).prop_map(Happens::Asks),
        Just(Happens::Cancels),
        Just(Happens::Completes),
        Just(Happens::Fails),
        Just(Happens::Looks),
        Just(Happens::Says),
    ]
}

fn after(task: Task, happens: &Happens, now: Timestamp) -> Task {
    let same = task.clone();
    match happens {
        Happens::Answers(keys) => {
            let answer = json!({"roots": []});
            let answers = keys.iter().map(|key| (key.to_string(), answer.clone()));
            let heard = task.hears(&answers.collect(), &calling(), now);
            heard.unwrap_or(same)
        }
        Happens::Asks(number) => {
            let open = (0..*number).map(|key| (key.to_string(), Question::Roots));
            let asked = Asked {
                open: open.collect(),
                known: task.known.clone(),
                bound: true,
            };
            task.asks(asked, now)
        }
        Happens::Cancels => task.cancelled(now).unwrap_or(same),
        Happens::Completes => task.completed(json!({"content": []}), now),
        Happens::Fails => task.failed(&Refused::Failed("fails"), now),
        Happens::Looks => task.overdue(now).unwrap_or(same),
        Happens::Says => task.says("half".to_owned(), now),
    }
}

/// The members of which at most one is told, by the status that has it.
const BESIDE: [(&str, &str); 4] = [
    ("completed", "result"),
    ("failed", "error"),
    ("input_required", "inputRequests"),
    ("working", "statusMessage"),
];

proptest! {
    #[test]
    fn what_is_told_fits_the_status_and_what_is_over_never_changes(
        steps in prop::collection::vec((happens(), 0_u64..90), 0..12),
    ) {
        let (mut task, mut now) = (begun(), NOW);
        for (step, later) in steps {
            now = now.plus(Duration::from_secs(later));
            let before = task.clone();
            task = after(task, &step, now);
            if before.is_over() {
                prop_assert_eq!(&task, &before);
            }
            let told = json!(task.told("id"));
            let status = told["status"].as_str().unwrap_or_default();
            for (of, beside) in BESIDE {
                if of == status && of != "working" {
                    prop_assert!(!told[beside].is_null(), "{}", told);
                }
                prop_assert!(of == status || told[beside] == Value::Null, "{}", told);
            }
            let open = told["inputRequests"].as_object().map(Map::len);
            prop_assert!(open != Some(0), "it asks for nothing");
            prop_assert!(task.deadline().is_none_or(|until| until <= task.expires_at()));
            let text = serde_json::to_string(&task).unwrap_or_default();
            prop_assert_eq!(serde_json::from_str::<Task>(&text).ok(), Some(task.clone()));
        }
    }
}
