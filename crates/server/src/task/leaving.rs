//! How a tool says that its call goes on as a task.
//!
//! *Invariant:* a client that would not come back for the outcome is never given a task.

use std::time::Duration;

use serde_json::{Map, Value};

/// How a call goes on as a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsTask {
    pub(crate) required: bool,
    pub(crate) within: Duration,
}

impl AsTask {
    /// For a client that knows tasks; another waits for the answer. What is asked of a client on
    /// the way does not count into the time.
    #[must_use]
    pub const fn optional(within: Duration) -> Self {
        Self {
            required: false,
            within,
        }
    }

    /// A client that does not know tasks is refused (SEP-2663: -32021).
    #[must_use]
    pub const fn required(within: Duration) -> Self {
        Self {
            required: true,
            within,
        }
    }
}

/// A call on its way into a task.
#[derive(Debug)]
pub struct Leaving {
    pub(crate) within: Duration,
    pub(crate) known: Map<String, Value>,
}
