//! Mail for a stream that some instance holds, as a port: what any instance has to say to it.
//!
//! *Invariant:* of all instances on all machines exactly one is handed a message, never after its
//! deadline, and only for the session and the person it was put for. It is handed out again only
//! to a reader who says that it did not arrive.

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

/// A message, and when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail<'a> {
    /// What it says.
    pub message: &'a str,
    /// Nobody is handed it before.
    pub due: Timestamp,
    /// Nobody is handed it from then on.
    pub deadline: Timestamp,
    /// Whether its stream is over with it.
    pub last: bool,
    /// What it can be withdrawn by.
    pub name: Option<&'a str>,
    /// Whether it is kept until its deadline once it was handed out, for a reader who was cut off.
    pub kept: bool,
}

/// A message that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// Whose it is.
    pub to: Address,
    /// What it says.
    pub message: String,
    /// Whether its stream is over with it.
    pub last: bool,
    /// Higher than that of every message that was put for its address before.
    pub number: u64,
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

impl<'a> Mail<'a> {
    /// A message that is due at once.
    #[must_use]
    pub const fn until(deadline: Timestamp, message: &'a str) -> Self {
        Self {
            message,
            due: Timestamp::from_millis(0),
            deadline,
            last: false,
            name: None,
            kept: false,
        }
    }

    /// The same, as the last of its stream where `last` says so.
    #[must_use]
    pub const fn last(self, last: bool) -> Self {
        Self { last, ..self }
    }

    /// The same, kept for a reader who was cut off where `kept` says so.
    #[must_use]
    pub const fn kept(self, kept: bool) -> Self {
        Self { kept, ..self }
    }

    /// The same, but not before `due`, and only if nobody withdraws what has this name.
    #[must_use]
    pub const fn unless(self, name: &'a str, due: Timestamp) -> Self {
        let name = Some(name);
        Self { due, name, ..self }
    }
}

/// A session for which so many characters wait takes no more, or a person who posts and does not
/// read would fill the store.
pub const MOST_WAITING: usize = 8 << 20;

/// So many characters are handed out at a time, and at least one message: they are in memory
/// together, beside everybody else's streams.
pub const MOST_AT_ONCE: usize = 16 << 20;

/// Where messages wait for their streams.
pub trait Mailbox {
    /// Puts a message where the holder of the stream finds it.
    ///
    /// Messages to one address that are due are handed over in the order in which they were put.
    async fn mail(&self, to: &Address, mail: Mail<'_>) -> Result<Mailed, Unavailable>;

    /// Takes back what was put for `address` under `name` and was not handed out.
    async fn withdraw(&self, address: &Address, name: &str) -> Result<(), Unavailable>;

    /// Lets the mail for `address` that was kept and has a higher number than `after` be handed out
    /// again: its reader says that it read no further. Whether anything is there, or may still come.
    async fn take_up(
        &self,
        address: &Address,
        after: u64,
        now: Timestamp,
    ) -> Result<bool, Unavailable>;

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
    ) -> Result<Vec<Collected>, Unavailable>;

    /// Ends a session that would have lived until `until`: what waits is dropped, what comes is
    /// refused. Again is the same as once.
    async fn end(&self, address: &Address, until: Timestamp) -> Result<(), Unavailable>;

    /// What would become of a message now.
    async fn accepts(&self, to: &Address) -> Result<Mailed, Unavailable>;

    /// Removes up to `limit` messages whose time was over before `over`, and as many of whatever else
    /// is kept of sessions.
    async fn sweep_mail(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable>;
}
