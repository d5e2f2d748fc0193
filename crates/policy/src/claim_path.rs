//! Where in a source's claims something stands.
//!
//! *Invariant:* a path leads to one place: a member whose whole name is written wins over one that
//! is reached through others.

use serde_json::{Map, Value};

/// Names of members, each within the one before, with dots in between: `realm_access.roles`.
///
/// A name may have dots itself, as the claims that some sources let operators add have:
/// `https://acme.example/roles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(String);

/// Why text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a claim's name, or names with dots in between such as realm_access.roles")]
pub struct ClaimPathRefused;

impl ClaimPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, ClaimPathRefused> {
        let whole = !text.is_empty() && text.split('.').all(|name| !name.is_empty());
        if whole && text.len() <= 256 && !text.chars().any(char::is_whitespace) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClaimPathRefused)
        }
    }

    /// What stands there.
    #[must_use]
    pub fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        at(claims, &self.0)
    }

    /// The texts that stand there: one, or those of a list. Everything else says nothing.
    #[must_use]
    pub fn texts(&self, claims: &Map<String, Value>) -> Vec<String> {
        let one = |value: &Value| value.as_str().map(str::to_owned);
        match self.find(claims) {
            Some(Value::Array(values)) => values.iter().filter_map(one).collect(),
            Some(value) => one(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

fn at<'a>(members: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = members.get(path) {
        return Some(value);
    }
    // The longest name first, so that a name with dots is taken before its first part.
    path.rmatch_indices('.').find_map(|(dot, _)| {
        let (name, rest) = path.split_at_checked(dot)?;
        let within = members.get(name)?.as_object()?;
        at(within, rest.strip_prefix('.')?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_leads_through_members_whose_names_may_have_dots() {
        let claims = json!({
            "role": "admin", "roles": ["a", 7, "b", null], "number": 7,
            "realm_access": {"roles": ["x"], "a.b": {"c": "deep"}},
            "https://acme.example/roles": ["y"],
            "https://acme.example/app": {"role": "z"},
            "a.b": "whole", "a": {"b": "parts"},
        });
        let claims = claims.as_object().unwrap();
        for (path, texts) in [
            ("role", &["admin"][..]),
            ("roles", &["a", "b"]),
            ("realm_access.roles", &["x"]),
            ("realm_access.a.b.c", &["deep"]),
            ("https://acme.example/roles", &["y"]),
            ("https://acme.example/app.role", &["z"]),
            ("a.b", &["whole"]),
            ("number", &[]),
            ("realm_access", &[]),
            ("role.x", &[]),
            ("nothing", &[]),
        ] {
            let path = ClaimPath::parse(path).unwrap();
            assert_eq!(path.texts(claims), texts, "{path:?}");
        }
    }

    #[test]
    fn text_that_names_nothing_is_no_path() {
        for text in ["", ".", "a.", ".a", "a..b", "a b", &"a".repeat(257)] {
            assert_eq!(ClaimPath::parse(text), Err(ClaimPathRefused), "{text}");
        }
    }
}
