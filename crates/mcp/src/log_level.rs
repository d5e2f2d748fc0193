//! How much of a log a client wants (RFC 5424 §6.2.1, by name).
//!
//! *Invariant:* the order is from least to most severe, and nothing else is a level.

use serde::{Deserialize, Serialize};

/// How severe something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For who looks for a fault.
    Debug,
    /// As it should be.
    Info,
    /// As it should be, but worth a look.
    Notice,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
    /// A part does not work.
    Critical,
    /// Somebody must act at once.
    Alert,
    /// Nothing works.
    Emergency,
}
