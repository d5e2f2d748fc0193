//! A name or a list of names, where an operator may write either.
//!
//! *Invariant:* what is read is never empty, and neither is any of its names.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// One name or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// The names, in the order in which they were written.
    pub(crate) fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        names.0
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name, or a list of one name or more")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Names, E> {
        checked(vec![name.to_owned()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = elements.next_element()? {
            names.push(name);
        }
        checked(names)
    }
}

fn checked<E: Error>(names: Vec<String>) -> Result<Names, E> {
    if names.is_empty() || names.iter().any(|name| name.trim().is_empty()) {
        Err(E::invalid_length(0, &NamesVisitor))
    } else {
        Ok(Names(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_a_list_of_one_and_nothing_is_no_name() {
        let read = |json: &str| serde_json::from_str::<Names>(json).ok();
        for (json, names) in [
            (r#""a""#, Some(&["a"][..])),
            (r#"["a"]"#, Some(&["a"])),
            (r#"["a", "b"]"#, Some(&["a", "b"])),
            ("[]", None),
            (r#""""#, None),
            (r#"["a", " "]"#, None),
            ("7", None),
            (r#"[7]"#, None),
        ] {
            let found = read(json);
            let found = found.as_ref().map(|names| names.as_slice());
            let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(found.map(<[_]>::to_vec), names, "{json}");
        }
    }
}
