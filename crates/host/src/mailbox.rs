//! Mail for a stream that some instance holds, as a port: what any instance has to say to it.
//!
//! *Invariant:* of all instances on all machines exactly one is handed a message, never after its
//! deadline, and only for the session and the person it was put for.

use oauth::{Subject, Timestamp};

use crate::Unavailable;

/// Whose mail it is: a session, and the person whose session that is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The session's id.
    pub session: String,
    /// Its person.
    pub subject: Subject,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailed {
    /// It waits for who holds the stream.
    Waiting,
    /// The session has ended; nobody will ever ask for it.
    Ended,
    /// [`MOST_WAITING`] already waits there: nobody reads the stream.
    Full,
}

/// A session for which so many characters wait takes no more, or a person who posts and does not
/// read would fill the store.
pub const MOST_WAITING: usize = 8 << 20;

/// So many characters are handed out at a time, and at least one message: they are in memory
/// together, beside everybody else's streams.
pub const MOST_AT_ONCE: usize = 16 << 20;

/// Where messages wait for their streams.
pub trait Mailbox {
    /// Puts a message where the holder of the stream finds it until `deadline`.
    ///
    /// Messages to one address are handed over in the order in which they were put.
    async fn mail(
        &self,
        to: &Address,
        message: &str,
        deadline: Timestamp,
    ) -> Result<Mailed, Unavailable>;

    /// The addresses for which something waits. It is asked for often, and mostly nothing does.
    async fn waiting(&self, now: Timestamp) -> Result<Vec<Address>, Unavailable>;

    /// Takes what waits for `addresses`, with one visit for all, the oldest first and up to
    /// [`MOST_AT_ONCE`].
    ///
    /// Handing a message out twice has a client act on one answer twice. When in doubt, nothing.
    async fn collect(
        &self,
        addresses: &[Address],
        now: Timestamp,
    ) -> Result<Vec<(Address, String)>, Unavailable>;

    /// Ends a session that would have lived until `until`: what waits is dropped, what comes is
    /// refused. Again is the same as once.
    async fn end(&self, address: &Address, until: Timestamp) -> Result<(), Unavailable>;

    /// What would become of a message now.
    async fn accepts(&self, to: &Address) -> Result<Mailed, Unavailable>;

    /// Removes up to `limit` messages, and as many ended sessions, whose time was over before
    /// `over`.
    async fn sweep_mail(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable>;
}
