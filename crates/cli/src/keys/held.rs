//! The keys that a `.env` file holds for one purpose.
//!
//! *Invariant:* both halves of a pair change together, whoever signs can be verified, and a
//! purpose is never left without a key that makes.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result, bail};
use jose::{Kid, check_keys};

use super::KeySet;
use super::purposes::Purpose;

/// A purpose, and its keys in order.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) purpose: &'static Purpose,
    /// One list for a symmetric key; for a pair the private one, then the public one.
    ///
    /// A new private key goes into the private list at once, behind the one that signs: the
    /// file is the only place it could be kept until then, no instance signs with any but the
    /// first, and promoting then only reorders what every instance has read and accepted.
    lists: Vec<List>,
}

/// The keys in one variable.
#[derive(Debug)]
pub(super) struct List {
    pub(super) variable: &'static str,
    keys: Vec<Key>,
}

/// One key, as the variable holds it.
struct Key {
    kid: Kid,
    entry: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kid, formatter)
    }
}

impl List {
    fn read(variable: &'static str, value: &str) -> Result<Self> {
        check_keys(variable, value)?;
        let entries = value.split(',').map(str::trim);
        let keys = entries.filter(|entry| !entry.is_empty()).map(Key::read);
        let keys = keys.collect::<Option<_>>();
        // `check_keys` has read the same text, so there is nothing left to refuse.
        let keys = keys.with_context(|| format!("the variable `{variable}` cannot be read"))?;
        Ok(Self { variable, keys })
    }

    /// What the variable shall hold.
    pub(super) fn value(&self) -> String {
        let entries: Vec<&str> = self.keys.iter().map(|key| key.entry.as_str()).collect();
        entries.join(",")
    }

    fn kids(&self) -> impl Iterator<Item = &Kid> {
        self.keys.iter().map(|key| &key.kid)
    }
}

impl Key {
    fn read(entry: &str) -> Option<Self> {
        let (kid, _) = entry.split_once(':')?;
        Some(Self {
            kid: Kid::parse(kid)?,
            entry: entry.to_owned(),
        })
    }
}

impl Held {
    /// The keys of a purpose among these variables; `None` where there are none.
    pub(super) fn read(
        purpose: &'static Purpose,
        variables: &BTreeMap<String, String>,
    ) -> Result<Option<Self>> {
        // An empty value counts as unset, as it does in the components.
        let value = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let (set, unset): (Vec<_>, Vec<_>) =
            purpose.variables().partition(|name| value(name).is_some());
        match (set.first(), unset.first()) {
            (None, _) => return Ok(None),
            (Some(set), Some(unset)) => bail!(
                "`{set}` is set and `{unset}` is not, and neither is of use without the other: \
                 bring back the half that is missing, or remove both and make new keys"
            ),
            (Some(_), None) => {}
        }
        let lists = purpose.variables().zip(purpose.variables().map(value));
        let lists = lists.filter_map(|(name, value)| value.map(|value| List::read(name, value)));
        let held = Self {
            purpose,
            lists: lists.collect::<Result<_>>()?,
        };
        held.check_halves()?;
        Ok(Some(held))
    }

    fn check_halves(&self) -> Result<()> {
        if let [private, public] = self.lists.as_slice()
            && let Some(kid) = private.kids().find(|kid| !public.kids().any(|k| k == *kid))
        {
            bail!(
                "`{}` has the key {kid}, and `{}` does not: nobody would believe what it signs",
                private.variable,
                public.variable
            );
        }
        Ok(())
    }

    /// The variables and what they shall hold.
    pub(super) fn lists(&self) -> &[List] {
        &self.lists
    }

    /// Every key, in the order in which the verifying variable lists them.
    pub(super) fn kids(&self) -> impl Iterator<Item = &Kid> {
        self.lists.last().into_iter().flat_map(List::kids)
    }

    /// The keys that could make, the first of which does.
    pub(super) fn makers(&self) -> impl Iterator<Item = &Kid> {
        self.lists.first().into_iter().flat_map(List::kids)
    }

    /// Puts the fresh key of this purpose behind the others, and says which it is.
    pub(super) fn append(&mut self, fresh: &KeySet) -> Result<Kid> {
        for list in &mut self.lists {
            let key = fresh.key(list.variable).and_then(Key::read);
            let key = key.with_context(|| format!("no key was made for `{}`", list.variable))?;
            list.keys.push(key);
        }
        let added = self.makers().last().cloned();
        added.with_context(|| format!("`{}` has no variable", self.purpose.name))
    }

    /// Makes everything with this key from now on.
    pub(super) fn promote(&mut self, kid: &Kid) {
        for list in &mut self.lists {
            // `false` sorts first, and the others keep their order.
            list.keys.sort_by_key(|key| key.kid != *kid);
        }
    }

    /// Keeps only these keys.
    pub(super) fn keep(&mut self, keep: impl Fn(&Kid) -> bool) {
        for list in &mut self.lists {
            list.keys.retain(|key| keep(&key.kid));
        }
    }
}
