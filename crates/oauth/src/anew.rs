//! Reading people anew from their provider: what a sign-in leaves for it, the question, the answer.
//!
//! *Invariant:* only the provider's own component reads what the provider gave; whoever asks it
//! holds a text that is sealed for it.

use std::time::Duration;

use jose::Sealed;
use serde::{Deserialize, Serialize};

use crate::person::{Person, Source, Subject};
use crate::timestamp::Timestamp;

/// A provider's refresh token for one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamRefresh {
    /// The token.
    pub token: String,
}

// Whoever reads it is the person there.
impl std::fmt::Debug for UpstreamRefresh {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UpstreamRefresh(..)")
    }
}

impl Sealed for UpstreamRefresh {
    const PURPOSE: &'static str = "upstream-refresh";
}

impl UpstreamRefresh {
    /// What its seal is bound to besides its key.
    #[must_use]
    pub fn context(subject: &Subject) -> String {
        format!("upstream/{subject}")
    }
}

/// The question of `token` to a provider's component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoNow {
    /// Who is to be read.
    pub subject: Subject,
    /// Their sealed [`UpstreamRefresh`].
    pub upstream: String,
    /// When it was asked.
    pub at: Timestamp,
}

impl Sealed for WhoNow {
    const PURPOSE: &'static str = "who-now";
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StillThere {
    /// The person as they are now, and a newer sealed token where the provider gave one.
    Yes(Box<Person>, Option<String>),
    /// The provider knows them no more, or lets them in no more.
    No,
    /// Nobody can tell now; but the provider gave this sealed token in place of the one before.
    Unread(String),
}

impl Sealed for StillThere {
    const PURPOSE: &'static str = "still-there";
}

/// A question lives no longer.
const LIFETIME: Duration = Duration::from_mins(1);

impl WhoNow {
    /// What the seals of question and answer are bound to besides their key.
    #[must_use]
    pub fn context(source: &Source) -> String {
        format!("login/{}", source.as_str())
    }

    /// What the answer's seal is bound to: this question.
    #[must_use]
    pub fn answer_context(&self) -> String {
        format!("token/{}/{}", self.subject, self.at.as_millis())
    }

    /// Whether it was asked just now, of a person of `source`.
    #[must_use]
    pub fn is_for(&self, source: &Source, now: Timestamp) -> bool {
        self.subject.is_of(source) && now.since(self.at) <= LIFETIME
    }
}
