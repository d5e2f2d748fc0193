//! `requestState`: what a call remembers while its client is asked (2026-07-28, Multi Round-Trip
//! Requests).
//!
//! *Invariant:* it opens for the person, client and call that it was sealed for, in its time, and
//! for nobody else; whatever a client made of it is refused. It may come back more than once, so
//! what must happen once is not decided by it.

use std::time::Duration;

use jose::{NONCE_LENGTH, SealKeys, Sealed};
use mcp::Refused;
use oauth::assertion::Calling;
use oauth::{Subject, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// For this long a person may think about a form.
const LIFETIME: Duration = Duration::from_mins(10);

/// What is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Whose call it is.
    #[serde(flatten)]
    binding: Binding,
    until: u64,
    /// The questions that were asked last.
    pub(crate) open: Vec<String>,
    /// What had been answered by then.
    pub(crate) known: Map<String, Value>,
}

/// One call of one person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    subject: Subject,
    client: String,
    call: String,
}

impl Sealed for State {
    const PURPOSE: &'static str = "request-state";
}

impl Binding {
    /// The call of `method` with `params`, but for what differs between its rounds.
    pub(crate) fn new(calling: &Calling, method: &str, params: &Map<String, Value>) -> Self {
        let of_round = |key: &str| matches!(key, "_meta" | "inputResponses" | "requestState");
        let lasting: Map<String, Value> = params
            .iter()
            .filter(|(key, _)| !of_round(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let text = Value::from(vec![Value::from(method), Value::from(lasting)]).to_string();
        Self {
            subject: calling.person.subject.clone(),
            client: calling.client_id.clone(),
            call: jose::encode(jose::sha256(text.as_bytes())),
        }
    }
}

impl State {
    pub(crate) fn new(
        binding: Binding,
        open: Vec<String>,
        known: Map<String, Value>,
        now: Timestamp,
    ) -> Self {
        Self {
            binding,
            until: now.plus(LIFETIME).as_seconds(),
            open,
            known,
        }
    }

    /// Seals it for `component`.
    pub(crate) fn seal(
        &self,
        keys: &SealKeys<Self>,
        component: &str,
        nonce: [u8; NONCE_LENGTH],
    ) -> Result<String, Refused> {
        let sealed = keys.seal(self, nonce, component);
        sealed.ok_or(Refused::Failed("cannot remember what it asks"))
    }

    /// Opens what a client sent.
    pub(crate) fn open(
        text: &str,
        keys: &SealKeys<Self>,
        component: &str,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let state = keys.open(text, component);
        let state = state.map_err(|_| Refused::StateRefused)?;
        if state.binding == *binding && now.as_seconds() < state.until {
            Ok(state)
        } else {
            Err(Refused::StateRefused)
        }
    }
}

#[cfg(test)]
mod tests;
