//! People: who signed in, and which source says so.
//!
//! *Invariant:* the source in a subject is put there by us; it is never read from what a source
//! sent, so no source can speak of another's people.

mod claims;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::client::ClientId;

pub use claims::{PersonClaims, PersonClaimsRefused};

/// The configured name of a provider, issuer or key set: `[a-z0-9-]`, at most 32.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Source(String);

/// Who a person is: `<source>:<the source's immutable id>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

/// The source of clients that act in their own name; no provider has this name.
const CLIENT: &str = "client";

/// A role that policy speaks of.
pub type Role = String;

/// Why text is no source or subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectRefused {
    /// The id is empty, too long, or has control characters.
    #[error("a person's id must be 1 to 255 characters without control characters")]
    Id,
    /// The source's name is not one.
    #[error("a source's name must be 1 to 32 of a-z, 0-9 and -, and not `client`")]
    Source,
}

impl Source {
    /// Reads a configured name.
    pub fn parse(name: &str) -> Result<Self, SubjectRefused> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&name.len()) && name.bytes().all(plain) && name != CLIENT {
            Ok(Self(name.to_owned()))
        } else {
            Err(SubjectRefused::Source)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subject {
    /// A client in its own name, not in a person's.
    #[must_use]
    pub fn of_client(id: &ClientId) -> Self {
        Self(format!("{CLIENT}:{}", id.as_str()))
    }

    /// The person that `source` calls `id`.
    pub fn new(source: &Source, id: &str) -> Result<Self, SubjectRefused> {
        if id.is_empty() || id.len() > 255 || id.chars().any(char::is_control) {
            return Err(SubjectRefused::Id);
        }
        Ok(Self(format!("{}:{id}", source.0)))
    }

    /// The subject as tokens carry it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id alone, as its source says it; another source may mean somebody else by it.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, id)| id)
    }

    /// Whether `source` is the one that speaks of this person.
    #[must_use]
    pub fn is_of(&self, source: &Source) -> bool {
        self.0
            .split_once(':')
            .is_some_and(|(name, _)| name == source.0)
    }
}

impl TryFrom<String> for Source {
    type Error = SubjectRefused;

    fn try_from(name: String) -> Result<Self, SubjectRefused> {
        Self::parse(&name)
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.0
    }
}

impl TryFrom<String> for Subject {
    type Error = SubjectRefused;

    fn try_from(text: String) -> Result<Self, SubjectRefused> {
        let (source, id) = text.split_once(':').ok_or(SubjectRefused::Source)?;
        if source == CLIENT && !id.is_empty() {
            return Ok(Self(text));
        }
        Self::new(&Source::parse(source)?, id)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A person as a source describes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who they are.
    pub subject: Subject,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A label, never an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What policy may ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// What else their source says of them, for tools to read.
    #[serde(default, skip_serializing_if = "PersonClaims::is_empty")]
    pub claims: PersonClaims,
}

impl Person {
    /// What a page may call them: their name, or what else there is.
    #[must_use]
    pub fn called(&self) -> &str {
        let name = self.name.as_deref().or(self.email.as_deref());
        name.unwrap_or_else(|| self.subject.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sources_never_name_one_person() {
        let (dev, corp) = (
            Source::parse("dev").unwrap(),
            Source::parse("corp").unwrap(),
        );
        let alice = Subject::new(&dev, "alice").unwrap();
        assert_ne!(alice, Subject::new(&corp, "alice").unwrap());
        assert!(alice.is_of(&dev) && !alice.is_of(&corp));
        // An id that looks like another source's person is still this source's.
        let sly = Subject::new(&dev, "corp:alice").unwrap();
        assert!(sly.is_of(&dev) && !sly.is_of(&corp));
    }

    #[test]
    fn a_person_who_was_kept_before_there_were_claims_still_reads() {
        let kept = r#"{"subject":"dev:ada","name":"Ada","roles":["admin"]}"#;
        let person: Person = serde_json::from_str(kept).unwrap();
        assert!(person.claims.is_empty());
        assert_eq!(serde_json::to_string(&person).unwrap(), kept);
    }

    #[test]
    fn names_that_could_be_mistaken_are_refused() {
        for name in ["", "Dev", "a:b", "a b", "ä", &"a".repeat(33)] {
            assert_eq!(Source::parse(name), Err(SubjectRefused::Source), "{name}");
        }
        let dev = Source::parse("dev").unwrap();
        for id in ["", "a\nb", &"a".repeat(256)] {
            assert_eq!(Subject::new(&dev, id), Err(SubjectRefused::Id), "{id}");
        }
    }
}
