//! Revocation marks, as a port.
//!
//! *Invariant:* a mark is written before the row it speaks of, so that nobody who sees the row
//! revoked can still use a token of it.

use oauth::Mark;

use crate::Unavailable;

/// What is revoked before its time is over.
pub trait Marks {
    /// Marks something revoked, for every instance to see; again is the same as once.
    async fn mark(&self, mark: &Mark) -> Result<(), Unavailable>;

    /// Whether it is marked revoked.
    ///
    /// A wrong `false` lets a thief go on; so a host that cannot tell says `Unavailable`. An answer
    /// may be five seconds old.
    async fn is_marked(&self, mark: &Mark) -> Result<bool, Unavailable>;

    /// Takes a mark away, once nothing that it speaks of can still be valid.
    async fn unmark(&self, mark: &Mark) -> Result<(), Unavailable>;
}
