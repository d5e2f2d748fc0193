//! What a source says of a person becomes roles that rules speak of.
//!
//! *Invariant:* with a map, only what is in it counts: nobody gains a role because a source has a
//! group of the same name.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Names;

/// From what a source says to our roles. Without one, what it says is the role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct RoleMap(Option<BTreeMap<String, Names>>);

impl RoleMap {
    /// The roles of somebody of whom a source says `values`, each once, in order.
    #[must_use]
    pub fn roles(&self, values: &[String]) -> Vec<String> {
        let mut roles: Vec<String> = Vec::new();
        for value in values {
            let found = match &self.0 {
                None => std::slice::from_ref(value),
                Some(map) => map.get(value).map_or(&[][..], Names::as_slice),
            };
            for role in found {
                if !roles.contains(role) {
                    roles.push(role.clone());
                }
            }
        }
        roles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(map: &str, values: &[&str]) -> Vec<String> {
        let map: RoleMap = serde_json::from_str(map).unwrap();
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        map.roles(&values)
    }

    #[test]
    fn with_a_map_only_what_is_in_it_counts() {
        let map = r#"{"Directors": "admin", "IT": ["admin", "support"]}"#;
        for (map, values, expected) in [
            ("null", &["admin", "x", "admin"][..], &["admin", "x"][..]),
            (map, &["Directors"], &["admin"]),
            (map, &["IT", "Directors"], &["admin", "support"]),
            (map, &["admin"], &[]),
            (map, &["directors"], &[]),
            ("{}", &["admin"], &[]),
            (map, &[], &[]),
        ] {
            assert_eq!(roles(map, values), expected, "{map} {values:?}");
        }
    }
}
