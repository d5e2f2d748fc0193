//! What a component that is a server holds: two keys, its offers, and what an instance remembers.
//!
//! *Invariant:* what is remembered of an assertion is its signature; time and component are judged
//! anew at every request.

use std::sync::Arc;

use host::{Bounded, VariableRefused, Variables};
use jose::{KeyRefused, SealKeys, VerifyingKeys};
use mcp::{ParamHeaders, Refused, Tool};
use oauth::Timestamp;
use oauth::assertion::{Assertion, AssertionRefused, Calling};
use serde_json::value::RawValue;

use crate::schema::Schema;
use crate::state::State;
use crate::task::Task;

/// The settings of the server `S`.
#[derive(Debug)]
pub struct Settings<S>(pub(crate) Arc<Shared<S>>);

#[derive(Debug)]
pub(crate) struct Shared<S> {
    pub(crate) server: S,
    pub(crate) component: &'static str,
    pub(crate) states: SealKeys<State>,
    pub(crate) tasks: SealKeys<Task>,
    assertions: VerifyingKeys<Assertion>,
    believed: Bounded<[u8; 32], Assertion>,
    judges: Bounded<[u8; 32], Arc<Judge>>,
}

/// What a tool's arguments and its structured outcome are held against.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) input: Schema,
    pub(crate) output: Option<Schema>,
    pub(crate) mirrored: ParamHeaders,
}

/// Why the component cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum SettingsRefused {
    /// A key is bad.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// A variable is missing, or cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableRefused),
}

impl<S> Settings<S> {
    /// Reads the variables of `component`, which is `server`.
    pub async fn read(
        host: &impl Variables,
        component: &'static str,
        server: S,
    ) -> Result<Self, SettingsRefused> {
        let assertions = host.required("assertion_public_key").await?;
        let states = host.required("state_key").await?;
        Ok(Self(Arc::new(Shared {
            server,
            component,
            // A seal says what it is for, so neither kind opens as the other.
            tasks: SealKeys::parse("state_key", &states)?,
            states: SealKeys::parse("state_key", &states)?,
            assertions: VerifyingKeys::parse("assertion_public_key", &assertions)?,
            believed: Bounded::new(512),
            judges: Bounded::new(256),
        })))
    }
}

impl<S> Shared<S> {
    /// Who calls, if the gateway says so.
    pub(crate) fn believe(&self, text: &str, now: Timestamp) -> Result<Calling, AssertionRefused> {
        let hash = jose::sha256(text.as_bytes());
        let assertion = match self.believed.recall(&hash) {
            Some(assertion) => {
                assertion.check(self.component, now)?;
                assertion
            }
            None => {
                let assertion = Assertion::verify(text, &self.assertions, self.component, now)?;
                self.believed.remember(hash, assertion.clone());
                assertion
            }
        };
        Ok(assertion.into_calling())
    }

    /// The judge of a tool, made once for each description of it.
    pub(crate) fn judge(&self, tool: &Tool) -> Result<Arc<Judge>, Refused> {
        let output = tool.output_schema.as_deref().map_or("", RawValue::get);
        let text = [tool.input_schema.get(), "\0", output].concat();
        let hash = jose::sha256(text.as_bytes());
        if let Some(judge) = self.judges.recall(&hash) {
            return Ok(judge);
        }
        let judge = Judge::of(tool).ok_or(Refused::Failed(
            "described this tool with something that is no JSON Schema",
        ))?;
        let judge = Arc::new(judge);
        self.judges.remember(hash, Arc::clone(&judge));
        Ok(judge)
    }
}

impl Judge {
    fn of(tool: &Tool) -> Option<Self> {
        let input = serde_json::from_str(tool.input_schema.get()).ok()?;
        let output = match tool.output_schema.as_deref() {
            None => None,
            Some(schema) => Some(Schema::of(&serde_json::from_str(schema.get()).ok()?).ok()?),
        };
        Some(Self {
            input: Schema::of(&input).ok()?,
            output,
            mirrored: ParamHeaders::of(&input).ok()?,
        })
    }
}
