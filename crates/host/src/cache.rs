//! What may be forgotten at any moment, as a port.
//!
//! *Invariant:* nothing depends on what is here: a cache that lost everything costs time alone.

use crate::Unavailable;

/// A shared place for copies.
pub trait Cache {
    /// What was kept under `key`, unless it is gone or another instance's newer value hides it.
    async fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable>;

    /// Keeps `value` in place of what was there.
    ///
    /// Nothing here ends by itself, so a caller's keys are few, of `[A-Za-z0-9:_-]`, and no
    /// stranger can make more of them.
    async fn keep(&self, key: &str, value: &[u8]) -> Result<(), Unavailable>;

    /// Forgets what was kept under `key`.
    async fn forget(&self, key: &str) -> Result<(), Unavailable>;
}
