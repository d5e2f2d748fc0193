//! The composed toolset, as a port: tools of ours that live in the same instance.
//!
//! *Invariant:* a toolset learns who calls from us alone; nothing a client says of a person
//! reaches it.

use std::fmt;

use mcp::{Tool, ToolOutput};
use oauth::assertion::Calling;
use oauth::{Person, Scopes};

/// Who calls a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub person: Person,
    /// The client they use.
    pub client_id: String,
    /// What they let it do.
    pub scopes: Scopes,
    /// What the call was authenticated with, for the one tool that shows it.
    pub credential: Option<ShownCredential>,
}

impl From<Caller> for Calling {
    fn from(caller: Caller) -> Self {
        let Caller {
            person,
            client_id,
            scopes,
            credential: _,
        } = caller;
        Self {
            person,
            client_id,
            scopes,
        }
    }
}

/// What a tool may show of a credential; it may be all of it, so it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownCredential(String);

impl ShownCredential {
    /// Text that a person is shown.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ShownCredential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ShownCredential(…)")
    }
}

/// Why a toolset has no outcome for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToolsetRefused {
    /// What it said is no description and no outcome of a tool.
    #[error("the toolset said something that is no outcome of a tool")]
    Malformed,
    /// The tool cannot be tried now.
    #[error("the toolset cannot try the tool now")]
    Unavailable,
    /// It has no tool of that name.
    #[error("the toolset has no such tool")]
    UnknownTool,
}

/// The toolset that is composed into this component.
pub trait Toolset {
    /// Its tools: the same for everybody, for as long as the instance lives.
    async fn tools(&self) -> Result<Vec<Tool>, ToolsetRefused>;

    /// Calls `tool` with `arguments`, a JSON object.
    ///
    /// A tool that fails is an outcome, with `is_error`.
    async fn call(
        &self,
        caller: &Caller,
        tool: &str,
        arguments: &str,
    ) -> Result<ToolOutput, ToolsetRefused>;
}
