//! Browser sessions, as a port.
//!
//! *Invariant:* a session that was ended is never found again, by nobody.

use oauth::Timestamp;
use oauth::session::{Session, SessionId};

use crate::Unavailable;

/// Where browser sessions are kept; they begin with a grant ([`Grants::pend`](crate::Grants::pend)).
pub trait Sessions {
    /// The session with this id, unless it was ended.
    ///
    /// A wrong answer shows a person the approval of another: when in doubt, nothing.
    async fn find_session(&self, id: &SessionId) -> Result<Option<Session>, Unavailable>;

    /// Ends a session; again is the same as once.
    async fn end_session(&self, id: &SessionId) -> Result<(), Unavailable>;

    /// Removes up to `limit` sessions that were over before `expired`.
    async fn sweep_sessions(&self, expired: Timestamp, limit: u32) -> Result<(), Unavailable>;
}
