//! What an instance remembers between requests, up to a number of entries.
//!
//! *Invariant:* nothing here outlives its instance or grows past twice its capacity, and a lock
//! is never held while something is awaited.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, PoisonError};

/// A map that forgets the entries nobody asked for lately.
///
/// Two generations: a full young one becomes the old one, and what is asked for in the old one is
/// young again. Requests of one instance take turns, so the lock never waits.
#[derive(Debug)]
pub struct Bounded<K, V> {
    capacity: usize,
    generations: Mutex<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Clone> Bounded<K, V> {
    /// Remembers up to twice `capacity` entries.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }
    }

    /// What is remembered under `key`.
    pub fn recall<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = generations.old.remove_entry(key)?;
        generations.insert(self.capacity, key, value.clone());
        Some(value)
    }

    /// Forgets what is remembered under `key`.
    pub fn forget<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        generations.young.remove(key);
        generations.old.remove(key);
    }

    /// Remembers `value` under `key`, instead of what was there.
    pub fn remember(&self, key: K, value: V) {
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        generations.old.remove(&key);
        generations.insert(self.capacity, key, value);
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn insert(&mut self, capacity: usize, key: K, value: V) {
        if self.young.len() >= capacity && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_asked_for_again_is_kept() {
        let cache: Bounded<u8, u8> = Bounded::new(2);
        cache.remember(1, 10);
        for key in 2..20 {
            assert_eq!(cache.recall(&1), Some(10), "before {key}");
            cache.remember(key, key);
        }
        assert_eq!(cache.recall(&3), None);
    }

    proptest! {
        #[test]
        fn it_answers_with_the_last_value_or_nothing_and_stays_small(
            steps in proptest::collection::vec((0_u8..12, any::<bool>()), 0..200),
        ) {
            let cache = Bounded::new(4);
            let mut truth = HashMap::new();
            for (step, (key, write)) in steps.into_iter().enumerate() {
                if write {
                    cache.remember(key, step);
                    truth.insert(key, step);
                    prop_assert_eq!(cache.recall(&key), Some(step));
                } else if let Some(found) = cache.recall(&key) {
                    prop_assert_eq!(Some(&found), truth.get(&key));
                }
                let generations = cache.generations.lock().unwrap();
                prop_assert!(generations.young.len() + generations.old.len() <= 8);
            }
        }
    }
}
