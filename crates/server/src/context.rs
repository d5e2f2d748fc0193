//! What a call knows beside its arguments, and what it may say and ask on the way.
//!
//! *Invariant:* a client that did not ask for log lines gets none, and progress never goes back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use host::Streams;
use mcp::{ClientCapabilities, ClientCapability, LogLevel, Refused};
use oauth::assertion::Calling;
use serde_json::{Map, Value, json};

use crate::interrupted::{Asked, Interrupted};
use crate::outbox::Outbox;
use crate::question::{Answer, Answers, Question, Questions};
use crate::state::State;
use crate::task::{AsTask, Leaving, Task};
use crate::wanted::Wanted;

/// One call: its host, its caller, and its client.
#[derive(Debug)]
pub struct Context<H> {
    host: H,
    calling: Calling,
    client: ClientCapabilities,
    reached: Cell<Option<f64>>,
    speaking: Speaking,
    heard: Heard,
    tasks: bool,
}

/// Where a call says how far it is.
#[derive(Debug)]
enum Speaking {
    /// In what is told of its task.
    Line(StatusLine),
    /// On the stream of its answer.
    Stream {
        outbox: Outbox,
        token: Option<Value>,
        level: Option<LogLevel>,
    },
}

/// What a task says of itself that nobody has written down yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatusLine(Rc<RefCell<Option<String>>>);

/// What the client answered, now and before.
#[derive(Debug, Default)]
struct Heard {
    responses: Map<String, Value>,
    before: Map<String, Value>,
    asked: Vec<String>,
    known: RefCell<Map<String, Value>>,
}

impl StatusLine {
    pub(crate) fn take(&self) -> Option<String> {
        self.0.take()
    }
}

impl<H> Context<H> {
    /// Of a call that is being answered.
    pub(crate) fn answering(
        host: H,
        wanted: &Wanted,
        state: Option<State>,
        outbox: Outbox,
    ) -> Result<Self, Refused> {
        let (asked, before) =
            state.map_or_else(Default::default, |state| (state.open, state.known));
        Ok(Self {
            host,
            calling: wanted.calling.clone(),
            client: ClientCapabilities::read(&wanted.meta()),
            reached: Cell::new(None),
            speaking: Speaking::Stream {
                outbox,
                token: wanted.progress_token(),
                level: wanted.log_level()?,
            },
            heard: Heard {
                responses: wanted.responses()?,
                before,
                asked,
                ..Heard::default()
            },
            tasks: false,
        })
    }

    /// Where a call may go on as a task.
    pub(crate) fn knowing_tasks(self, tasks: bool) -> Self {
        Self { tasks, ..self }
    }

    /// Of a call that goes on as a task.
    pub(crate) fn working(host: H, task: &Task, line: StatusLine) -> Self {
        Self {
            host,
            calling: task.calling.clone(),
            client: task.client.clone(),
            reached: Cell::new(None),
            speaking: Speaking::Line(line),
            heard: Heard {
                before: task.known.clone(),
                ..Heard::default()
            },
            tasks: true,
        }
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
        if self.reached.get().is_some_and(|last| done <= last) {
            return;
        }
        match &self.speaking {
            Speaking::Line(StatusLine(line)) => {
                line.replace(Some(format!("{done} of {total}")));
            }
            Speaking::Stream { outbox, token, .. } => {
                let Some(token) = token else { return };
                let params = json!({
                    "progressToken": token, "progress": number(done), "total": number(total),
                });
                outbox.say("notifications/progress", &params);
            }
        }
        self.reached.set(Some(done));
    }

    /// Says `data` in the log of a client that wants to read so much, for as long as it waits for
    /// the answer (2026-07-28, Logging).
    pub fn log(&self, level: LogLevel, data: &Value) {
        if let Speaking::Stream {
            outbox,
            level: Some(least),
            ..
        } = &self.speaking
            && level >= *least
        {
            let params = json!({"level": level, "data": data});
            outbox.say("notifications/message", &params);
        }
    }

    /// From here on the call is a task, for a client that knows tasks: it is answered, begins again
    /// from its start, and gets past here. So what was done before must do no harm twice.
    pub fn run_as_task(&self, task: AsTask) -> Result<(), Interrupted> {
        match &self.speaking {
            Speaking::Line(_) => Ok(()),
            Speaking::Stream { .. } if self.tasks && self.can(ClientCapability::Tasks) => {
                let known = self.heard.known.borrow().clone();
                let within = task.within;
                Err(Interrupted::Leaves(Leaving { within, known }))
            }
            Speaking::Stream { .. } if task.required => Ok(self.require(ClientCapability::Tasks)?),
            Speaking::Stream { .. } => Ok(()),
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
        let asked = self.asked.iter().any(|asked| asked == key);
        let now = || self.responses.get(key).filter(|_| asked || !bound);
        let answer = self.before.get(key).or_else(now)?;
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
