//! Questions that a server asks a client of the legacy era, as a port: the client answers at any
//! instance, and whoever hears the last answer goes on with the call.
//!
//! *Invariant:* an answer counts once, for the session and the person who were asked, and of all
//! instances on all machines exactly one is handed a call to go on with.

use oauth::Timestamp;

use crate::{Address, Unavailable};

/// A call that waits for answers.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who was asked.
    pub of: &'a Address,
    /// Its own id, which nobody else ever had.
    pub id: &'a str,
    /// What going on with it needs.
    pub call: &'a str,
    /// The ids of the questions, each with the key that the server knows it by.
    pub questions: &'a [(String, String)],
    /// Answers that come later count for nothing.
    pub deadline: Timestamp,
}

/// What an answer is to the call that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The last one: the call, and all answers by their keys.
    All(String, Vec<(String, String)>),
    /// One of several.
    More,
    /// Nothing: nobody asked this of them, or it was answered before, or it is too late.
    Unasked,
}

/// Where calls wait for answers, and what a session said of itself is kept.
pub trait Questions {
    /// Lets a call wait.
    async fn ask(&self, asked: Asked<'_>) -> Result<(), Unavailable>;

    /// Takes the answer of `from` to the question `id`.
    ///
    /// When in doubt, it was not asked: going on twice has a server act twice.
    async fn hear(
        &self,
        from: &Address,
        id: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<Heard, Unavailable>;

    /// Notes a text under a name for a session, instead of what was noted there.
    async fn note(
        &self,
        session: &Address,
        note: (&str, &str),
        until: Timestamp,
    ) -> Result<(), Unavailable>;

    /// What was noted for a session, by its names.
    async fn noted(&self, session: &Address) -> Result<Vec<(String, String)>, Unavailable>;
}
