//! A browser session: who proved in this browser who they are, and when.
//!
//! *Invariant:* a session opens nothing by itself. It tells whom a browser belongs to, so that a
//! person need not agree twice to the same; who signs in is always the provider's to say.

use std::time::Duration;

use jose::Signed;
use serde::{Deserialize, Serialize};

use crate::identity::Issuer;
use crate::person::{Person, Source};
use crate::prompt::MaxAge;
use crate::timestamp::Timestamp;

/// The id of a session: 16 random bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(String);

/// A session as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Which of our identities it is a session of.
    pub issuer: Issuer,
    /// Which provider said so.
    pub source: Source,
    /// Who proved who they are.
    pub person: Person,
    /// When.
    pub authenticated_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// What the browser keeps of it, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    iss: Issuer,
    sid: SessionId,
    exp: u64,
}

impl Signed for Claims {
    const TYP: &'static str = "session+jwt";
}

impl SessionId {
    /// An id from random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(jose::encode(random))
    }

    /// Reads an id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = jose::decode(text)?;
        (bytes.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SessionId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a session's id must be 16 bytes in base64url")
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        id.0
    }
}

impl Session {
    /// How long a browser is remembered.
    pub const LIFETIME: Duration = Duration::from_hours(12);

    /// The session of `person`, who proved `now` who they are.
    #[must_use]
    pub fn begun(
        random: [u8; 16],
        issuer: &Issuer,
        source: &Source,
        person: &Person,
        now: Timestamp,
    ) -> Self {
        Self {
            id: SessionId::new(random),
            issuer: issuer.clone(),
            source: source.clone(),
            person: person.clone(),
            authenticated_at: now,
            expires_at: now.plus(Self::LIFETIME),
        }
    }

    /// What the browser keeps.
    #[must_use]
    pub fn claims(&self) -> Claims {
        Claims {
            iss: self.issuer.clone(),
            sid: self.id.clone(),
            exp: self.expires_at.as_seconds(),
        }
    }

    /// Whether it counts for `issuer` at `now`.
    #[must_use]
    pub fn lives(&self, issuer: &Issuer, now: Timestamp) -> bool {
        self.issuer == *issuer && now < self.expires_at
    }

    /// Whether its person proved recently enough who they are.
    #[must_use]
    pub fn is_fresh(&self, max_age: Option<MaxAge>, now: Timestamp) -> bool {
        max_age.is_none_or(|max_age| max_age.allows(self.authenticated_at, now))
    }
}

impl Claims {
    /// The session it speaks of, if it was signed for `issuer` and its time is not over.
    #[must_use]
    pub fn session(&self, issuer: &Issuer, now: Timestamp) -> Option<&SessionId> {
        let lives = self.iss == *issuer && now < Timestamp::from_seconds(self.exp);
        lives.then_some(&self.sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev;
    use crate::identity::Identities;

    fn issuer(url: &str) -> Issuer {
        let Ok(Identities::Public(server)) = Identities::read(Some(url), None) else {
            panic!("{url}")
        };
        server.issuer().clone()
    }

    #[test]
    fn a_session_counts_for_its_own_issuer_until_it_ends() {
        let (ours, other) = (issuer("https://a.example"), issuer("https://b.example"));
        let now = Timestamp::from_seconds(1000);
        let (source, ada) = (Source::parse("dev").unwrap(), dev::person("ada").unwrap());
        let session = Session::begun([1; 16], &ours, &source, &ada, now);
        let claims = session.claims();
        let last = now.plus(Session::LIFETIME).minus(Duration::from_secs(1));
        for (issuer, at, counts) in [
            (&ours, now, true),
            (&ours, last, true),
            (&ours, now.plus(Session::LIFETIME), false),
            (&other, now, false),
        ] {
            assert_eq!(session.lives(issuer, at), counts, "{issuer} {at:?}");
            assert_eq!(
                claims.session(issuer, at).is_some(),
                counts,
                "{issuer} {at:?}"
            );
        }
        let text = serde_json::to_string(&claims).unwrap();
        assert!(!text.contains("ada"), "a cookie names nobody: {text}");
        assert!(serde_json::from_str::<Claims>(&text.replace("AQEBAQ", "")).is_err());
    }
}
