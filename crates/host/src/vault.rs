//! What other services gave for a person, sealed; and who is fetching a newer one right now.

use oauth::{Person, Subject, Timestamp};

use crate::Unavailable;

/// A person's credential at a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// What the service gave, sealed by the only component that reads it.
    pub sealed: String,
    /// The person as the service last described them.
    pub person: Person,
    /// When it did.
    pub read_at: Timestamp,
    /// How often it was replaced.
    pub generation: u64,
    /// Whether the service takes it no more.
    pub ended: bool,
}

/// Whose credential, and at which service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The person.
    pub subject: &'a Subject,
    /// The service.
    pub service: &'a str,
}

/// Where credentials are kept; they begin with a grant ([`Grants::pend`](crate::Grants::pend)).
pub trait Vault {
    /// The credential, as it is after every change that was answered before.
    async fn credential(&self, at: Place<'_>) -> Result<Option<Credential>, Unavailable>;

    /// Whether this caller alone may replace `generation`, from the first moment of `between` to
    /// the second. Of all who ask in the meantime, one is told so.
    ///
    /// Telling two can spend a token twice, which some services answer by ending everything.
    async fn lease_credential(
        &self,
        at: Place<'_>,
        generation: u64,
        between: (Timestamp, Timestamp),
    ) -> Result<bool, Unavailable>;

    /// Replaces a credential, if it is still of the generation before, and frees its lease; whether
    /// it did.
    async fn replace_credential(
        &self,
        at: Place<'_>,
        new: &Credential,
    ) -> Result<bool, Unavailable>;

    /// Frees the lease of a generation, for others to try.
    async fn free_credential(&self, at: Place<'_>, generation: u64) -> Result<(), Unavailable>;

    /// Notes who the person is now, where there is a credential; one that has ended goes.
    async fn note_person(
        &self,
        at: Place<'_>,
        person: &Person,
        now: Timestamp,
    ) -> Result<(), Unavailable>;
}
