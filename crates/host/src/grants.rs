//! The grants table, as a port: one row per grant, and each step of its life once.
//!
//! *Invariant:* each change is a single atomic step that names the state it starts from; of all
//! callers on all machines exactly one takes it.

use oauth::approval::Approval;
use oauth::grant::{Grant, GrantId, Horizon};
use oauth::refresh::Uses;
use oauth::session::Session;
use oauth::{Scopes, Timestamp};

use crate::Unavailable;

/// What one sign-in leaves behind.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// The pending grant.
    pub grant: &'a Grant,
    /// A service, and what it gave for the grant's person, sealed.
    pub credential: Option<(&'a str, &'a str)>,
    /// The browser's new session of the grant's person, if it has none yet.
    pub session: Option<&'a Session>,
}

/// Whether a sign-in became a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pended {
    /// It did, now.
    Now,
    /// It had already: the same sign-in came back twice.
    Before,
}

/// Whether a pending grant's code was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was, by this call.
    Now,
    /// Somebody else was first, or the grant is no longer pending.
    Before,
}

/// Whether a grant's refresh tokens moved one generation on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advanced {
    /// They did, by this call.
    Now,
    /// The row was no longer at that generation, or not live: read it again.
    Elsewhere,
}

/// Where grants are kept.
pub trait Grants {
    /// Keeps a new pending grant with what comes with it, all or nothing, unless the grant's
    /// transaction already became one. A credential takes the place of what was there, whatever
    /// its generation, and nobody holds a lease on it.
    ///
    /// Answering `Now` twice for one transaction lets one sign-in be used by two browsers.
    async fn pend(&self, beginning: Beginning<'_>) -> Result<Pended, Unavailable>;

    /// The grant with this id, as it is after every change that was answered before.
    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, Unavailable>;

    /// The scopes of every live grant that stands for `approval` at `now`.
    ///
    /// One that was revoked or is over must not be among them: its person would not be asked.
    async fn remembered(
        &self,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Vec<Scopes>, Unavailable>;

    /// Turns a pending grant live. Of all callers, ever, exactly one gets [`Spent::Now`].
    ///
    /// Answering `Now` twice hands a session to a thief; answering `Before` once too often only
    /// makes an honest client start again. When in doubt, `Before`.
    async fn spend(&self, id: &GrantId, now: Timestamp) -> Result<Spent, Unavailable>;

    /// Replaces a live grant's uses, if its latest generation is still `from`.
    ///
    /// Losing an advance that was answered `Now` would sign an honest client out later.
    async fn advance(&self, id: &GrantId, from: u64, uses: &Uses) -> Result<Advanced, Unavailable>;

    /// Revokes a grant, whatever its state; again is the same as once.
    async fn revoke(&self, id: &GrantId, now: Timestamp) -> Result<(), Unavailable>;

    /// Removes up to `limit` grants of each kind that nobody needs any more, and says which of
    /// them had been revoked.
    ///
    /// Removing one too early signs an honest client out; one too late costs its room.
    async fn sweep(&self, horizon: &Horizon, limit: u32) -> Result<Vec<GrantId>, Unavailable>;
}
