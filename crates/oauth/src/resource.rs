//! The protected resources of this server (RFC 8707), as tokens name them in `aud`.
//!
//! *Invariant:* a resource is made from our own issuer and compared byte for byte; what a client
//! names becomes one of ours or nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identity::Issuer;

/// A protected resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Resource(String);

impl Resource {
    /// Where our resources are: Streamable HTTP, and the older HTTP with SSE. The first is meant
    /// where a client names none.
    pub const PATHS: [&'static str; 2] = ["/mcp", "/sse"];

    pub(crate) fn at(issuer: &Issuer, path: &str) -> Self {
        Self(format!("{issuer}{path}"))
    }

    /// The resource as it is compared and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One or more resources, in one order; as JSON a string or an array, as `aud` is (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OneOrMany", into = "OneOrMany")]
pub struct Resources(Vec<Resource>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Resource),
    Many(Vec<Resource>),
}

impl Resources {
    /// These resources: nothing where there are none.
    #[must_use]
    pub fn new(mut resources: Vec<Resource>) -> Option<Self> {
        resources.sort();
        resources.dedup();
        (!resources.is_empty()).then_some(Self(resources))
    }

    /// Whether `resource` is among them.
    #[must_use]
    pub fn contains(&self, resource: &Resource) -> bool {
        self.0.contains(resource)
    }

    /// Whether every one of them is in `other` too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|resource| other.contains(resource))
    }

    /// The resources in order.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.0.iter()
    }

    /// Reads what `to_string` wrote.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        let names = text.split(' ').filter(|name| !name.is_empty());
        Self::new(names.map(|name| Resource(name.to_owned())).collect())
    }
}

impl From<Resource> for Resources {
    fn from(resource: Resource) -> Self {
        Self(vec![resource])
    }
}

impl TryFrom<OneOrMany> for Resources {
    type Error = &'static str;

    fn try_from(names: OneOrMany) -> Result<Self, Self::Error> {
        let names = match names {
            OneOrMany::One(name) => vec![name],
            OneOrMany::Many(names) => names,
        };
        Self::new(names).ok_or("there must be a resource")
    }
}

impl From<Resources> for OneOrMany {
    fn from(mut resources: Resources) -> Self {
        match (resources.0.pop(), resources.0.is_empty()) {
            (Some(only), true) => Self::One(only),
            (last, _) => {
                resources.0.extend(last);
                Self::Many(resources.0)
            }
        }
    }
}

impl fmt::Display for Resources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL has no spaces.
        let names: Vec<_> = self.iter().map(Resource::as_str).collect();
        formatter.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_a_string_and_several_are_an_array() {
        for (json, text) in [
            (r#""https://a/mcp""#, "https://a/mcp"),
            (
                r#"["https://a/mcp","https://a/sse"]"#,
                "https://a/mcp https://a/sse",
            ),
        ] {
            let read: Resources = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
            assert_eq!(read.to_string(), text);
            assert_eq!(Resources::stored(text), Some(read));
        }
        assert!(serde_json::from_str::<Resources>("[]").is_err());
        assert_eq!(Resources::stored(""), None);
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        let read = |json| serde_json::from_str::<Resources>(json).unwrap();
        assert_eq!(read(r#"["b","a","b"]"#), read(r#"["a","b"]"#));
        assert!(read(r#""a""#).is_subset(&read(r#"["a","b"]"#)));
        assert!(!read(r#"["a","b"]"#).is_subset(&read(r#""a""#)));
    }
}
