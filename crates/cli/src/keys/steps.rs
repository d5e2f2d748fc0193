//! The steps of a rotation, and the distrust of a key, on the keys of one file.
//!
//! *Invariant:* a step is taken for every purpose that was asked for or for none; time and
//! fresh keys are parameters.

use anyhow::{Result, bail};
use jiff::Timestamp;
use jose::Kid;

use super::KeySet;
use super::held::Held;
use super::keyring::Keyring;
use super::purposes::Purpose;
use super::records::Record;

/// A key that a step was about, and its purpose.
pub(super) type Changed = (&'static Purpose, Kid);

/// What was retired, and what was not because it is too early.
#[derive(Debug, Default)]
pub(super) struct Retired {
    pub(super) dropped: Vec<Changed>,
    pub(super) kept: Vec<(&'static Purpose, TooEarly)>,
}

/// Why old keys cannot be retired yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TooEarly {
    /// So many seconds are left.
    Left(u64),
    /// The file does not say when the key that makes now was promoted.
    Unrecorded,
}

/// What follows for a purpose when one of its keys is distrusted.
#[derive(Debug)]
pub(super) struct Distrusted {
    pub(super) purpose: &'static Purpose,
    /// The key that makes in its place, where it was the one that made.
    pub(super) maker: Option<Kid>,
    /// Whether that one was made just now, so that no running instance knows it.
    pub(super) fresh: bool,
}

/// The names in a sentence.
fn names<'a>(purposes: impl Iterator<Item = &'a Held>) -> String {
    let names: Vec<_> = purposes.map(|held| held.purpose.name).collect();
    names.join(", ")
}

impl Keyring {
    /// Which of the held purposes are meant: the named ones, or all but `spared`.
    fn selected(&self, named: &[String], spared: &[&str]) -> Result<Vec<usize>> {
        let held = |name: &&String| self.held.iter().any(|held| held.purpose.name == **name);
        if let Some(missing) = named.iter().find(|name| !held(name)) {
            bail!("there is no key for `{missing}` in this file");
        }
        let meant = |held: &Held| match named {
            [] => !spared.contains(&held.purpose.name),
            named => named.iter().any(|name| name == held.purpose.name),
        };
        let all = self.held.iter().enumerate();
        Ok(all
            .filter_map(|(at, held)| meant(held).then_some(at))
            .collect())
    }

    fn at(&self, indices: &[usize]) -> impl Iterator<Item = &Held> {
        indices.iter().filter_map(|index| self.held.get(*index))
    }

    /// Adds a key that verifies to each of these purposes.
    pub(super) fn add(
        &mut self,
        named: &[String],
        fresh: &KeySet,
        now: Timestamp,
    ) -> Result<Vec<Changed>> {
        let selected = self.selected(named, &["dev"])?;
        let waits = |held: &&Held| self.waiting(held).is_some();
        let waiting = names(self.at(&selected).filter(waits));
        if !waiting.is_empty() {
            bail!(
                "a key is already waiting to be promoted for {waiting}: `postern keys rotate \
                 promote` is the next step, and `postern keys distrust KID` throws a waiting key \
                 away"
            );
        }
        let mut added = Vec::new();
        for index in selected {
            let Some(held) = self.held.get_mut(index) else {
                continue;
            };
            let kid = held.append(fresh)?;
            self.records.set(kid.clone(), Record::Added(now));
            added.push((held.purpose, kid));
        }
        Ok(added)
    }

    /// Makes everything with the key that waits, for each of these purposes that has one.
    pub(super) fn promote(&mut self, named: &[String], now: Timestamp) -> Result<Vec<Changed>> {
        let selected = self.selected(named, &["dev"])?;
        let waits = |held: &&Held| self.waiting(held).is_some();
        let without = names(self.at(&selected).filter(|held| !waits(held)));
        let promoted: Vec<_> = selected
            .iter()
            .filter_map(|index| {
                let held = self.held.get(*index)?;
                Some((*index, self.waiting(held)?.clone()))
            })
            .collect();
        if promoted.is_empty() || (!named.is_empty() && !without.is_empty()) {
            bail!(
                "no key is waiting to be promoted for {without}: `postern keys rotate add` comes \
                 first"
            );
        }
        let mut changed = Vec::new();
        for (index, kid) in promoted {
            let Some(held) = self.held.get_mut(index) else {
                continue;
            };
            held.promote(&kid);
            self.records.set(kid.clone(), Record::Promoted(now));
            changed.push((held.purpose, kid));
        }
        Ok(changed)
    }

    /// Drops the keys that only verify what was made before.
    ///
    /// Old keys of registrations are kept unless they are named: only the operator knows for how
    /// long clients are to be remembered.
    pub(super) fn retire(
        &mut self,
        named: &[String],
        now: Timestamp,
        anyway: bool,
    ) -> Result<Retired> {
        let mut retired = Retired::default();
        let mut ripe = Vec::new();
        for index in self.selected(named, &["dev", "registration"])? {
            let Some(held) = self.held.get(index) else {
                continue;
            };
            let old: Vec<Kid> = self.old(held).cloned().collect();
            match self.too_early(held, now)?.filter(|_| !anyway) {
                Some(why) if !old.is_empty() => retired.kept.push((held.purpose, why)),
                _ => ripe.push((index, old)),
            }
        }
        // Whoever names purposes means all of them.
        if !named.is_empty() && !retired.kept.is_empty() {
            return Ok(retired);
        }
        for (index, old) in ripe {
            let Some(held) = self.held.get_mut(index) else {
                continue;
            };
            held.keep(|kid| !old.contains(kid));
            let purpose = held.purpose;
            let dropped = old.into_iter().map(|kid| (purpose, kid));
            retired.dropped.extend(dropped);
        }
        Ok(retired)
    }

    /// Why the old keys of a purpose are still needed, as far as the file can tell.
    pub(super) fn too_early(&self, held: &Held, now: Timestamp) -> Result<Option<TooEarly>> {
        let Some(wait) = held.purpose.wait.seconds(&self.lifetimes()?) else {
            return Ok(None);
        };
        let promoted = held
            .makers()
            .next()
            .and_then(|kid| self.records.promoted(kid));
        let Some(promoted) = promoted else {
            return Ok((wait > 0).then_some(TooEarly::Unrecorded));
        };
        let passed = now.as_second().saturating_sub(promoted.as_second());
        let left = i64::try_from(wait)
            .unwrap_or(i64::MAX)
            .saturating_sub(passed);
        Ok(u64::try_from(left)
            .ok()
            .filter(|left| *left > 0)
            .map(TooEarly::Left))
    }

    /// Removes a key from every variable.
    ///
    /// What makes in its place is a key that every instance knows already, if there is one: the
    /// one that waits, or else an old one. A fresh key would be refused by instances that have
    /// not restarted yet, and a client that is refused once forgets its refresh token.
    pub(super) fn distrust(
        &mut self,
        kid: &Kid,
        fresh: &KeySet,
        now: Timestamp,
    ) -> Result<Vec<Distrusted>> {
        let holds = |held: &Held| held.kids().any(|known| known == kid);
        let next = |held: &Held| {
            let old = held.makers().find(|known| *known != kid);
            self.waiting(held).filter(|it| *it != kid).or(old).cloned()
        };
        let all = self.held.iter().enumerate();
        let affected: Vec<_> = all
            .filter(|(_, held)| holds(held))
            .map(|(index, held)| (index, held.makers().next() == Some(kid), next(held)))
            .collect();
        if affected.is_empty() {
            bail!("there is no key {kid} in this file: `postern keys show` lists those there are");
        }
        let mut distrusted = Vec::new();
        for (index, made, next) in affected {
            let Some(held) = self.held.get_mut(index) else {
                continue;
            };
            let is_fresh = made && next.is_none();
            let maker = match next {
                Some(next) => Some(next),
                None if made => Some(held.append(fresh)?),
                None => None,
            };
            let maker = maker.filter(|_| made);
            held.keep(|known| known != kid);
            if let Some(maker) = &maker {
                held.promote(maker);
                self.records.set(maker.clone(), Record::Promoted(now));
            }
            distrusted.push(Distrusted {
                purpose: held.purpose,
                maker,
                fresh: is_fresh,
            });
        }
        Ok(distrusted)
    }
}
