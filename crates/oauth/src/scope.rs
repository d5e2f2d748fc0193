//! Scopes: what a person lets a client do, in words.
//!
//! *Invariant:* a set of scopes holds only scopes we know, in one order.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A scope this server grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// List and call tools.
    McpTools,
    /// Stay signed in; a matter of the authorization server alone, never of a resource.
    OfflineAccess,
    /// Let tools see name, e-mail address and claims.
    Profile,
}

impl Scope {
    /// Every scope, in the order metadata lists them.
    pub const ALL: [Self; 3] = [Self::McpTools, Self::Profile, Self::OfflineAccess];

    /// The scopes a resource asks for (`offline_access` is not the resource's to ask).
    pub const OF_RESOURCE: [Self; 2] = [Self::McpTools, Self::Profile];

    /// The scope's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::McpTools => "mcp:tools",
            Self::OfflineAccess => "offline_access",
            Self::Profile => "profile",
        }
    }

    /// What a person reads on the consent page.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::McpTools => "See and use the tools you are allowed to use",
            Self::OfflineAccess => "Stay connected without asking you again",
            Self::Profile => {
                "Show your name and e-mail address, and what else your profile says, to those tools"
            }
        }
    }

    /// The field of a consent form that lets it be left out. There is none for tools: they are what
    /// a client is for that asks for them, most clients cannot ask again, and Deny leaves them out.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::McpTools => None,
            Self::OfflineAccess => Some("may-offline-access"),
            Self::Profile => Some("may-profile"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// A set of scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// The known scopes among `text`'s; RFC 6749 §3.3 lets a server leave out the others.
    #[must_use]
    pub fn known(text: &str) -> Self {
        Self(text.split(' ').filter_map(Scope::parse).collect())
    }

    /// The scopes that an operator gives to a client's own tokens: nothing if one is unknown, or
    /// speaks of a person's absence.
    #[must_use]
    pub fn of_service(text: &str) -> Option<Self> {
        let names = text.split(' ').filter(|name| !name.is_empty());
        let scopes =
            names.map(|name| Scope::parse(name).filter(|scope| Scope::OF_RESOURCE.contains(scope)));
        scopes.collect::<Option<BTreeSet<_>>>().map(Self)
    }

    /// What a client gets that asks for nothing.
    #[must_use]
    pub fn default_grant() -> Self {
        Scope::OF_RESOURCE.into_iter().collect()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether every one of them is in `other` too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl From<String> for Scopes {
    fn from(text: String) -> Self {
        Self::known(&text)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::as_str).collect();
        formatter.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_scopes_are_left_out_and_the_order_is_ours() {
        assert_eq!(
            Scopes::known("profile openid mcp:tools").to_string(),
            "mcp:tools profile"
        );
        assert!(Scopes::known("openid MCP:TOOLS").is_empty());
        assert!(Scopes::known("profile").is_subset(&Scopes::default_grant()));
        assert!(!Scopes::known("offline_access").is_subset(&Scopes::default_grant()));
    }
}
