//! Revocation marks, as a port.
//!
//! *Invariant:* a mark is written before the row it speaks of, so that nobody who sees the row
//! revoked can still use a token of it.

use oauth::grant::GrantId;

use crate::Unavailable;

/// What is revoked before its time is over.
pub trait Marks {
    /// Marks a grant revoked, for every instance to see.
    async fn revoke_grant(&self, grant: &GrantId) -> Result<(), Unavailable>;

    /// Whether a grant is marked revoked.
    ///
    /// A wrong `false` lets a thief go on; so a host that cannot tell says `Unavailable`. An answer
    /// may be five seconds old.
    async fn is_revoked(&self, grant: &GrantId) -> Result<bool, Unavailable>;
}
