//! A set of keys by the variables that hold them.
//!
//! *Invariant:* both halves of a pair are made together, and `Debug` shows names alone.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result};
use jose::{Secret, derive};

use super::purposes::{Kind, PURPOSES, Purpose};

/// `kid:secret` by variable.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct KeySet(BTreeMap<String, String>);

impl KeySet {
    /// A key for every purpose, from a random master that is forgotten at once.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).context("the operating system gives no randomness")?;
        Ok(Self::from_master(&Secret::new(bytes)))
    }

    /// A key for every purpose, derived from `master`.
    pub(crate) fn from_master(master: &Secret) -> Self {
        Self(
            PURPOSES
                .iter()
                .flat_map(|purpose| purpose.keys(master))
                .collect(),
        )
    }

    /// The keys among these variables.
    pub(crate) fn among(variables: &BTreeMap<String, String>) -> Self {
        // An empty value counts as unset, as it does in the components.
        let set = |name| variables.get(name).is_some_and(|key| !key.is_empty());
        let held = |purpose: &&Purpose| purpose.variables().all(set);
        let names = PURPOSES.iter().filter(held).flat_map(Purpose::variables);
        Self(
            names
                .filter_map(|name| variables.get_key_value(name))
                .map(owned)
                .collect(),
        )
    }

    /// Takes from `other` what is missing here; whether anything was.
    pub(super) fn fill_from(&mut self, other: Self) -> bool {
        let before = self.0.len();
        for (variable, key) in other.0 {
            self.0.entry(variable).or_insert(key);
        }
        self.0.len() > before
    }

    /// Whether there is a key for every purpose.
    pub(super) fn is_complete(&self) -> bool {
        PURPOSES
            .iter()
            .flat_map(Purpose::variables)
            .all(|v| self.0.contains_key(v))
    }

    /// The `kid:secret` of a variable.
    pub(super) fn key(&self, variable: &str) -> Option<&str> {
        self.0.get(variable).map(String::as_str)
    }

    /// Variable and `kid:secret`, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(variable, key)| (variable.as_str(), key.as_str()))
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

fn owned((variable, key): (&String, &String)) -> (String, String) {
    (variable.clone(), key.clone())
}

impl Purpose {
    fn keys(&self, master: &Secret) -> Vec<(String, String)> {
        match self.kind {
            Kind::SigningPair { private, public } => {
                let (signing, verifying) = derive::signing_pair(master, self.name);
                vec![
                    (private.to_owned(), signing),
                    (public.to_owned(), verifying),
                ]
            }
            Kind::Symmetric { variable } => {
                vec![(variable.to_owned(), derive::symmetric(master, self.name))]
            }
        }
    }

    /// The variables that hold its keys, the one that makes first.
    pub(super) fn variables(&self) -> impl Iterator<Item = &'static str> + use<> {
        let (first, second) = match self.kind {
            Kind::SigningPair { private, public } => (private, Some(public)),
            Kind::Symmetric { variable } => (variable, None),
        };
        std::iter::once(first).chain(second)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(master: &[u8]) -> KeySet {
        KeySet::from_master(&Secret::new(jose::sha256(master)))
    }

    #[test]
    fn every_key_is_a_kid_and_32_bytes() {
        for (variable, entry) in keys(b"a").iter() {
            let (kid, secret) = entry.split_once(':').unwrap();
            assert!(
                jose::Kid::parse(kid).is_some() && kid.len() == 8,
                "{variable}"
            );
            assert_eq!(jose::decode(secret).unwrap().len(), 32, "{variable}");
        }
    }

    #[test]
    fn no_two_variables_share_a_key_and_no_two_purposes_a_name() {
        let keys = keys(b"a");
        let secrets: BTreeSet<_> = keys
            .iter()
            .map(|(_, e)| e.split_once(':').unwrap().1)
            .collect();
        let expected: usize = PURPOSES
            .iter()
            .map(|purpose| purpose.variables().count())
            .sum();
        assert_eq!((secrets.len(), keys.iter().count()), (expected, expected));
        let names: BTreeSet<_> = PURPOSES.iter().map(|purpose| purpose.name).collect();
        assert_eq!(names.len(), PURPOSES.len());
    }

    #[test]
    fn one_master_gives_one_set_and_another_master_shares_nothing_with_it() {
        let (a, b) = (keys(b"a"), keys(b"b"));
        assert_eq!(a, keys(b"a"));
        assert!(
            a.iter()
                .zip(b.iter())
                .all(|((v, x), (w, y))| v == w && x != y)
        );
    }

    #[test]
    fn half_a_pair_is_made_anew_with_its_other_half() {
        let old = keys(b"a");
        let mut variables = old.0.clone();
        variables.remove("registration_public_key");
        let mut kept = KeySet::among(&variables);
        let new = keys(b"b");
        assert!(kept.fill_from(new.clone()) && kept.is_complete());
        for name in ["registration_key", "registration_public_key"] {
            assert_eq!(kept.0[name], new.0[name]);
        }
        assert_eq!(kept.0["code_key"], old.0["code_key"]);
        assert!(!kept.fill_from(new), "a complete set takes nothing");
    }

    #[test]
    fn debug_output_holds_no_key() {
        let keys = keys(b"a");
        let text = format!("{keys:?}");
        assert!(text.contains("code_key"));
        assert!(keys.iter().all(|(_, entry)| !text.contains(entry)));
    }
}
