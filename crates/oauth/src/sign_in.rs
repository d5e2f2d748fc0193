//! A provider's component vouching to `token` for a person who just signed in.
//!
//! *Invariant:* it is sealed with the key of one source, and a person of another source in it is
//! refused: a provider can speak of its own people only.

use std::time::Duration;

use jose::Sealed;
use serde::{Deserialize, Serialize};

use crate::person::{Person, Source};
use crate::timestamp::Timestamp;
use crate::transaction::Transaction;

/// How long `token` believes it.
const LIFETIME: Duration = Duration::from_mins(1);

/// Who signed in, and what they had agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// What the person agreed to.
    pub transaction: Transaction,
    /// Who they are.
    pub person: Person,
    /// When the provider said so.
    pub at: Timestamp,
    /// The session cookie that the browser showed, to be believed only with its signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What lets them be read anew, sealed by the provider's component for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
}

impl Sealed for SignIn {
    const PURPOSE: &'static str = "sign-in";
}

/// Who came back from their provider in place of whom the browser's session named: kept in that
/// browser until they have agreed for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// Who they are.
    pub person: Person,
    /// The cookie of the form that asks them.
    pub form: String,
    /// What lets them be read anew, where there is room for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
}

impl Sealed for Vouched {
    const PURPOSE: &'static str = "vouched";
}

impl Vouched {
    /// What its seal is bound to besides its key: one sign-in, and so one provider and issuer.
    #[must_use]
    pub fn context(transaction: &Transaction) -> String {
        format!("{}/{}", transaction.context(), transaction.id.as_str())
    }
}

/// Why a vouched sign-in is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// More than a minute old.
    #[error("the sign-in was vouched for too long ago")]
    Expired,
    /// Somebody else than who had agreed.
    #[error("the person who signed in is not the one who had agreed")]
    OtherPerson,
    /// The person or the transaction is of another source.
    #[error("the provider vouched for a person of another source")]
    OtherSource,
}

impl SignIn {
    /// Whether `source` may say this now.
    pub fn check(&self, source: &Source, now: Timestamp) -> Result<(), SignInRefused> {
        if !self.person.subject.is_of(source) || self.transaction.provider != *source {
            return Err(SignInRefused::OtherSource);
        }
        if !self.transaction.expects(&self.person.subject) {
            return Err(SignInRefused::OtherPerson);
        }
        if now.since(self.at) > LIFETIME {
            Err(SignInRefused::Expired)
        } else {
            Ok(())
        }
    }
}
