//! The ports: what flows need of a host.
//!
//! *Invariant:* a port says what the protocol needs and what a wrong answer costs; it never says
//! how a host keeps that promise. A host is a cheap `Clone + 'static` handle, and no borrow of it
//! is held across an await.

mod audit;
mod body;
mod bounded;
mod cache;
mod chain;
mod clock;
mod configuration;
mod entropy;
mod fetch;
mod grants;
mod mailbox;
mod marks;
mod questions;
mod replays;
mod servers;
mod sessions;
mod streams;
mod tasks;
mod toolset;
mod variables;
mod vault;

pub use audit::{Audit, Event};
pub use body::{Body, BodyRefused};
pub use bounded::Bounded;
pub use cache::Cache;
pub use chain::Chain;
pub use clock::Clock;
pub use configuration::Configuration;
pub use entropy::Entropy;
pub use fetch::{Fetch, FetchFailed, FetchLimits};
pub use grants::{Advanced, Beginning, Grants, Pended, Spent};
pub use mailbox::{Address, Collected, MOST_AT_ONCE, MOST_WAITING, Mail, Mailbox, Mailed};
pub use marks::Marks;
pub use questions::{Asked, Heard, Questions};
pub use replays::{Admitted, Replays};
pub use servers::{Answer, Chunks, Forwarded, Servers};
pub use sessions::Sessions;
pub use streams::{Gone, Outlet, Streamed, Streams};
pub use tasks::{Begun, MOST_TASKS, Stepped, TaskRow, Tasks};
pub use toolset::{Caller, ShownCredential, Toolset, ToolsetRefused};
pub use variables::{VariableRefused, Variables};
pub use vault::{Credential, Place, Vault};

/// A host that does not answer. What it said is in the log, never in an answer of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host does not answer")]
pub struct Unavailable;
