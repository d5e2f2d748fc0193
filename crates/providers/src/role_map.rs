//! What a source calls people, and what that makes them here.
//!
//! *Invariant:* where there is a map, only what is in it counts: a source that invents a group
//! makes nobody an administrator.

use std::collections::{BTreeMap, BTreeSet};

use oauth::Role;
use serde::Deserialize;

/// A table from the source's words to our roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct RoleMap(BTreeMap<String, OneOrMore>);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Role),
    More(Vec<Role>),
}

impl RoleMap {
    /// The roles that `words` of the source give, each once, in the order of the alphabet.
    pub fn roles<'a>(&'a self, words: impl IntoIterator<Item = &'a str>) -> Vec<Role> {
        let mapped = words.into_iter().flat_map(|word| self.0.get(word));
        let roles: BTreeSet<&Role> = mapped
            .flat_map(|roles| match roles {
                OneOrMore::One(role) => std::slice::from_ref(role),
                OneOrMore::More(roles) => roles,
            })
            .collect();
        roles.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_map_counts() {
        let text = r#"{"Directors": "admin", "Staff": ["reader", "writer"], "Board": "admin"}"#;
        let map: RoleMap = serde_json::from_str(text).unwrap();
        for (words, roles) in [
            (&[][..], &[][..]),
            (&["admin"], &[]),
            (&["Directors"], &["admin"]),
            (
                &["Staff", "Directors", "Board"],
                &["admin", "reader", "writer"],
            ),
        ] {
            assert_eq!(map.roles(words.iter().copied()), roles, "{words:?}");
        }
    }
}
