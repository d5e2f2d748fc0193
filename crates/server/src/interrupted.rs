//! Why a call has no outcome yet, or none at all.
//!
//! *Invariant:* a tool that failed is an outcome; only the protocol is spoken of here.

use host::Unavailable;
use mcp::Refused;
use serde_json::{Map, Value};

use crate::question::Question;
use crate::task::Leaving;

/// Why a call has no outcome.
#[derive(Debug)]
pub enum Interrupted {
    /// The client is asked first.
    Asks(Asked),
    /// It goes on as a task.
    Leaves(Leaving),
    /// It is refused.
    Refused(Refused),
}

/// Questions on their way to the client, and what is known already.
#[derive(Clone, Debug)]
pub struct Asked {
    pub(crate) open: Vec<(String, Question)>,
    pub(crate) known: Map<String, Value>,
    pub(crate) bound: bool,
}

impl From<Refused> for Interrupted {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Unavailable> for Interrupted {
    fn from(Unavailable: Unavailable) -> Self {
        Self::Refused(Refused::Failed("cannot answer right now"))
    }
}
