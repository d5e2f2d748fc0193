//! Things that count once, as a port: a client assertion's `jti`, a token that was revoked.
//!
//! *Invariant:* of all callers on all machines exactly one is told that it was first.

use oauth::Timestamp;

use crate::Unavailable;

/// Whether something was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It was, and is no longer.
    Now,
    /// It had been admitted already.
    Before,
}

/// What was admitted, until it no longer matters.
pub trait Replays {
    /// Admits `id`, which nobody will accept any more after `until`.
    ///
    /// Answering `Now` twice lets a stolen assertion be used again (RFC 7523 §3). When in doubt,
    /// `Unavailable`.
    async fn admit(&self, id: &str, until: Timestamp) -> Result<Admitted, Unavailable>;

    /// Forgets up to `limit` ids whose time was over `before`, and says which.
    async fn forget(&self, before: Timestamp, limit: u32) -> Result<Vec<String>, Unavailable>;
}
