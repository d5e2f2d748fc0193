//! What ends before its time: a grant with everything of it, or one access token.
//!
//! *Invariant:* a mark is looked up by what a verified token says of itself.

use crate::grant::GrantId;

/// What is marked revoked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A grant: every token of it.
    Grant(GrantId),
    /// One access token, by its `jti`.
    Token(String),
}

impl Mark {
    /// The mark's name in a store: of `[A-Za-z0-9:_-]`, which every store Spin speaks to takes.
    #[must_use]
    pub fn key(&self) -> String {
        format!("revoked:{}", self.id())
    }

    /// The mark of an access token, by the name it has in a store.
    #[must_use]
    pub fn of_token(key: &str) -> Option<Self> {
        let jti = key.strip_prefix("revoked:")?;
        Some(Self::Token(jti.to_owned()))
    }

    /// What is marked. Both kinds of id are 16 random bytes, so they never meet.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Grant(grant) => grant.as_str(),
            Self::Token(jti) => jti,
        }
    }
}
