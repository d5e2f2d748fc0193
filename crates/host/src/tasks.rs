//! Calls that go on after their answer, as a port: a row for each, and each step of its life once.
//!
//! *Invariant:* a step names the version it starts from; of all callers on all machines exactly one
//! takes it.

use oauth::Timestamp;

use crate::Unavailable;

/// A task, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id, which nobody can guess.
    pub id: String,
    /// Whose it is, in its server's words: what is counted against [`MOST_TASKS`].
    pub owner: String,
    /// How many steps it has taken.
    pub version: u64,
    /// What it is, sealed by its server.
    pub sealed: String,
    /// Until then it is kept.
    pub expires_at: Timestamp,
}

/// Whether a task was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It was, and outlives whoever asked for it.
    Now,
    /// Its owner has [`MOST_TASKS`] already.
    Full,
}

/// Whether a task took a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// It did, by this call.
    Now,
    /// It was no longer at that version, or is no longer kept: read it again.
    Elsewhere,
}

/// Nobody has more that are kept, or a person who begins and never waits would fill the store.
pub const MOST_TASKS: usize = 256;

/// Where tasks are kept.
pub trait Tasks {
    /// Keeps a new task, unless its owner has too many at `now`.
    ///
    /// Answering `Now` for one that a host can still lose has a client wait for what never comes.
    async fn begin_task(&self, task: &TaskRow, now: Timestamp) -> Result<Begun, Unavailable>;

    /// The task with this id, as it is after every step that was answered before.
    async fn find_task(&self, id: &str) -> Result<Option<TaskRow>, Unavailable>;

    /// Puts `sealed` in the place of what a task was at version `from`, and makes it the next one.
    ///
    /// Answering `Now` twice for one version lets a task that was cancelled be completed.
    async fn step_task(&self, id: &str, from: u64, sealed: &str) -> Result<Stepped, Unavailable>;

    /// Removes up to `limit` tasks that were kept until before `over`.
    ///
    /// Removing one too early breaks the promise of its `ttlMs`; one too late costs its room.
    async fn sweep_tasks(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable>;
}
