//! A task, as SEP-2663 writes it.
//!
//! *Invariant:* there is a result, an error, or something to answer, as the status says; and no
//! `requestState`.

use std::collections::BTreeMap;
use std::time::Duration;

use oauth::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{KEPT, State, Task};

/// So often a client may ask.
const POLL: Duration = Duration::from_millis(500);

/// What is told of a task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told<'a> {
    task_id: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'a str>,
    created_at: String,
    last_updated_at: String,
    ttl_ms: u64,
    poll_interval_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_requests: Option<BTreeMap<&'a str, Value>>,
}

impl Task {
    /// What is told of it, under its id.
    pub(crate) fn told<'a>(&'a self, id: &'a str) -> Told<'a> {
        let mut told = Told {
            task_id: id,
            status: "cancelled",
            status_message: None,
            created_at: written(self.began),
            last_updated_at: written(self.changed),
            ttl_ms: millis(KEPT),
            poll_interval_ms: millis(POLL),
            result: None,
            error: None,
            input_requests: None,
        };
        match &self.state {
            State::Cancelled => {}
            State::Completed { result } => {
                (told.status, told.result) = ("completed", Some(result));
            }
            State::Failed { error } => (told.status, told.error) = ("failed", Some(error)),
            State::InputRequired { open } => {
                let open = open.iter();
                let requests = open.map(|(key, question)| (key.as_str(), question.request()));
                told.status = "input_required";
                told.input_requests = Some(requests.collect());
            }
            State::Working { message, .. } => {
                (told.status, told.status_message) = ("working", message.as_deref());
            }
        }
        told
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// ISO 8601.
fn written(moment: Timestamp) -> String {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis);
    moment.unwrap_or(jiff::Timestamp::MAX).to_string()
}
