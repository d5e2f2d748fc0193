//! What a call knows beside its arguments, and what it may say and ask on the way.
//!
//! *Invariant:* a client that did not ask for log lines gets none, and progress never goes back.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use host::Streams;
use mcp::{ClientCapabilities, ClientCapability, LogLevel, Refused};
use oauth::assertion::Calling;
use serde_json::{Map, Value, json};

use crate::interrupted::{Asked, Interrupted};
use crate::outbox::Outbox;
use crate::question::{Answer, Answers, Question, Questions};
use crate::state::State;
use crate::wanted::Wanted;

/// One call: its host, its caller, and its client.
#[derive(Debug)]
pub struct Context<H> {
    host: H,
    calling: Calling,
    client: ClientCapabilities,
    speaking: Speaking,
    heard: Heard,
}

#[derive(Debug)]
struct Speaking {
    outbox: Outbox,
    token: Option<Value>,
    reached: Cell<Option<f64>>,
    level: Option<LogLevel>,
}

/// What the client answered, now and before.
#[derive(Debug)]
struct Heard {
    responses: Map<String, Value>,
    state: Option<State>,
    known: RefCell<Map<String, Value>>,
}

impl<H> Context<H> {
    pub(crate) fn new(
        host: H,
        wanted: &Wanted,
        state: Option<State>,
        outbox: Outbox,
    ) -> Result<Self, Refused> {
        Ok(Self {
            host,
            calling: wanted.calling.clone(),
            client: ClientCapabilities::read(&wanted.meta()),
            speaking: Speaking {
                outbox,
                token: wanted.progress_token(),
                reached: Cell::new(None),
                level: wanted.log_level()?,
            },
            heard: Heard {
                responses: wanted.responses()?,
                state,
                known: RefCell::default(),
            },
        })
    }

    /// The host.
    pub const fn host(&self) -> &H {
        &self.host
    }

    /// Who calls.
    pub const fn calling(&self) -> &Calling {
        &self.calling
    }

    /// Whether the client can be asked for this.
    pub fn can(&self, capability: ClientCapability) -> bool {
        self.client.has(capability)
    }

    /// Refuses a client that cannot (2026-07-28, Errors: -32021).
    pub fn require(&self, capability: ClientCapability) -> Result<(), Refused> {
        if self.can(capability) {
            Ok(())
        } else {
            Err(Refused::CapabilityMissing(capability))
        }
    }

    /// Says how far it is, to a client that wants to hear of it. A number that is not above the
    /// last one is not said (2026-07-28, Progress).
    pub fn progress(&self, done: f64, total: f64) {
        let on = self.speaking.reached.get().is_none_or(|last| done > last);
        if let (Some(token), true) = (&self.speaking.token, on) {
            self.speaking.reached.set(Some(done));
            let params = json!({
                "progressToken": token, "progress": number(done), "total": number(total),
            });
            self.speaking.outbox.say("notifications/progress", &params);
        }
    }

    /// Says `data` in the log of a client that wants to read so much (2026-07-28, Logging).
    pub fn log(&self, level: LogLevel, data: &Value) {
        if self.speaking.level.is_some_and(|least| level >= least) {
            let params = json!({"level": level, "data": data});
            self.speaking.outbox.say("notifications/message", &params);
        }
    }

    /// The answers to all of `questions`, once there are any that fit; until then the call ends
    /// here, and begins again from its start when the client comes back with them. So whatever is
    /// asked must follow from the call and from earlier answers.
    pub fn ask(&self, questions: Questions) -> Result<Answers, Interrupted> {
        let Questions { asked, bound } = questions;
        let mut answers = Answers::new();
        let mut open = Vec::new();
        for (key, question) in asked {
            self.require(question.needs())?;
            match self.heard.answer(&key, &question, bound) {
                Some(answer) => {
                    answers.insert(key, answer);
                }
                None => open.push((key, question)),
            }
        }
        if open.is_empty() {
            return Ok(answers);
        }
        let known = self.heard.known.borrow().clone();
        Err(Interrupted::Asks(Asked { open, known, bound }))
    }
}

impl<H: Streams> Context<H> {
    /// Lets time pass.
    pub async fn sleep(&self, time: Duration) {
        self.host.sleep(time).await;
    }
}

impl Heard {
    fn answer(&self, key: &str, question: &Question, bound: bool) -> Option<Answer> {
        let state = self.state.as_ref();
        let before = state.and_then(|state| state.known.get(key));
        let asked = state.is_some_and(|state| state.open.iter().any(|open| open == key));
        let now = || self.responses.get(key).filter(|_| asked || !bound);
        let answer = before.or_else(now)?;
        if !question.takes(answer) {
            return None;
        }
        let mut known = self.known.borrow_mut();
        known.insert(key.to_owned(), answer.clone());
        Some(Answer(answer.clone()))
    }
}

/// A number as people write it: 50 and not 50.0.
fn number(number: f64) -> Value {
    let text = number.to_string();
    text.parse::<i64>()
        .map_or_else(|_| number.into(), Value::from)
}
