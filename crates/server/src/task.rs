//! Tasks: calls that go on after their answer (SEP-2663), and each step of their lives.
//!
//! *Invariant:* a task that is over never changes again, and belongs to the person and the client
//! that began it.

mod leaving;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use jose::Sealed;
use mcp::{ClientCapabilities, Refused};
use oauth::Timestamp;
use oauth::assertion::Calling;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::interrupted::Asked;
use crate::question::Question;

pub use leaving::{AsTask, Leaving};

/// A task is kept for so long from its beginning.
pub(crate) const KEPT: Duration = Duration::from_hours(1);

/// What is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Whose it is, as they last spoke of it.
    pub(crate) calling: Calling,
    /// What the client could do when it began the task.
    pub(crate) client: ClientCapabilities,
    pub(crate) tool: String,
    pub(crate) arguments: Map<String, Value>,
    /// What has been answered.
    pub(crate) known: Map<String, Value>,
    began: Timestamp,
    changed: Timestamp,
    within: Duration,
    state: State,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum State {
    Cancelled,
    /// The tool has an outcome; that it failed is one, too.
    Completed {
        result: Value,
    },
    /// There will be none: an error of JSON-RPC.
    Failed {
        error: Value,
    },
    InputRequired {
        open: BTreeMap<String, Question>,
    },
    /// Some instance works on it, or did until it died.
    Working {
        until: Timestamp,
        message: Option<String>,
    },
}

impl Sealed for Task {
    const PURPOSE: &'static str = "task";
}

impl Task {
    /// One that begins, as `calling` called `tool`.
    pub(crate) fn begin(
        (calling, client): (Calling, ClientCapabilities),
        (tool, arguments): (String, Map<String, Value>),
        leaving: Leaving,
        now: Timestamp,
    ) -> Self {
        Self {
            calling,
            client,
            tool,
            arguments,
            known: leaving.known,
            began: now,
            changed: now,
            within: leaving.within,
            state: State::Working {
                until: now.plus(leaving.within.min(KEPT)),
                message: None,
            },
        }
    }

    pub(crate) fn is_of(&self, calling: &Calling) -> bool {
        let of = |calling: &Calling| (calling.person.subject.clone(), calling.client_id.clone());
        of(&self.calling) == of(calling)
    }

    pub(crate) fn expires_at(&self) -> Timestamp {
        self.began.plus(KEPT)
    }

    /// Until when whoever works on it has to be done; nothing where nobody does.
    pub(crate) const fn deadline(&self) -> Option<Timestamp> {
        match self.state {
            State::Working { until, .. } => Some(until),
            _ => None,
        }
    }

    const fn is_over(&self) -> bool {
        matches!(
            self.state,
            State::Cancelled | State::Completed { .. } | State::Failed { .. }
        )
    }

    fn with(self, state: State, now: Timestamp) -> Self {
        if self.is_over() {
            return self;
        }
        Self {
            changed: now,
            state,
            ..self
        }
    }

    fn working(self, now: Timestamp) -> Self {
        let until = now.plus(self.within).min(self.expires_at());
        let message = None;
        self.with(State::Working { until, message }, now)
    }

    /// Nobody can be working on it any more: it failed.
    pub(crate) fn overdue(self, now: Timestamp) -> Option<Self> {
        let due = self.deadline()?;
        let refused = Refused::Failed("did not end this task in its time: call the tool anew");
        (due <= now).then(|| self.failed(&refused, now))
    }

    pub(crate) fn says(self, message: String, now: Timestamp) -> Self {
        match self.deadline() {
            Some(until) => {
                let message = Some(message);
                self.with(State::Working { until, message }, now)
            }
            None => self,
        }
    }

    pub(crate) fn asks(self, asked: Asked, now: Timestamp) -> Self {
        let Asked { open, known, .. } = asked;
        let open = open.into_iter().collect();
        let task = Self { known, ..self };
        task.with(State::InputRequired { open }, now)
    }

    /// Takes the answers that fit what is open; nothing, where none does. Once nothing is open any
    /// more, the work goes on, for whoever `calling` is by now.
    pub(crate) fn hears(
        mut self,
        answers: &Map<String, Value>,
        calling: &Calling,
        now: Timestamp,
    ) -> Option<Self> {
        let State::InputRequired { mut open } = self.state.clone() else {
            return None;
        };
        let before = open.len();
        for (key, answer) in answers {
            if open.get(key).is_some_and(|question| question.takes(answer)) {
                open.remove(key);
                self.known.insert(key.clone(), answer.clone());
            }
        }
        if open.len() == before {
            return None;
        }
        calling.clone_into(&mut self.calling);
        Some(if open.is_empty() {
            self.working(now)
        } else {
            self.with(State::InputRequired { open }, now)
        })
    }

    pub(crate) fn completed(self, result: Value, now: Timestamp) -> Self {
        self.with(State::Completed { result }, now)
    }

    pub(crate) fn failed(self, refused: &Refused, now: Timestamp) -> Self {
        let mut error = json!({"code": refused.code().number(), "message": refused.to_string()});
        if let (Some(error), Some(data)) = (error.as_object_mut(), refused.data()) {
            error.insert("data".to_owned(), json!(data));
        }
        self.with(State::Failed { error }, now)
    }

    /// Nothing, where there is nothing left to cancel.
    pub(crate) fn cancelled(self, now: Timestamp) -> Option<Self> {
        let lives = !self.is_over();
        lives.then(|| self.with(State::Cancelled, now))
    }
}

#[cfg(test)]
mod tests;
