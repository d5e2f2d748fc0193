//! Credentials in a map.

use std::collections::BTreeMap;

use host::{Credential, Place, Unavailable, Vault};
use oauth::{Person, Timestamp};

use crate::MemoryHost;

/// A credential, and until when somebody replaces it.
pub(crate) type Held = (Credential, Timestamp);

fn key(at: Place<'_>) -> (String, String) {
    (at.subject.to_string(), at.service.to_owned())
}

const FREE: Timestamp = Timestamp::from_seconds(0);

/// Keeps `new` in place of what was there, whatever its generation.
pub(crate) fn keep(vault: &mut BTreeMap<(String, String), Held>, at: Place<'_>, new: Credential) {
    let before = vault
        .get(&key(at))
        .map_or(0, |(held, _)| held.generation + 1);
    let new = Credential {
        generation: before.max(new.generation),
        ..new
    };
    vault.insert(key(at), (new, FREE));
}

impl Vault for MemoryHost {
    async fn credential(&self, at: Place<'_>) -> Result<Option<Credential>, Unavailable> {
        let vault = self.store()?.vault.borrow();
        Ok(vault.get(&key(at)).map(|(held, _)| held.clone()))
    }

    async fn lease_credential(
        &self,
        at: Place<'_>,
        generation: u64,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<bool, Unavailable> {
        let mut vault = self.store()?.vault.borrow_mut();
        let held = vault.get_mut(&key(at));
        let free = held.filter(|(held, leased)| {
            held.generation == generation && !held.ended && *leased <= now
        });
        Ok(free.map(|(_, leased)| *leased = until).is_some())
    }

    async fn replace_credential(
        &self,
        at: Place<'_>,
        new: &Credential,
    ) -> Result<bool, Unavailable> {
        let mut vault = self.store()?.vault.borrow_mut();
        let held = vault.get_mut(&key(at));
        let before = held.filter(|(held, _)| held.generation + 1 == new.generation);
        Ok(before.map(|held| *held = (new.clone(), FREE)).is_some())
    }

    async fn free_credential(&self, at: Place<'_>, generation: u64) -> Result<(), Unavailable> {
        let mut vault = self.store()?.vault.borrow_mut();
        if let Some((held, leased)) = vault.get_mut(&key(at))
            && held.generation == generation
        {
            *leased = FREE;
        }
        Ok(())
    }

    async fn note_person(
        &self,
        at: Place<'_>,
        person: &Person,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let mut vault = self.store()?.vault.borrow_mut();
        vault.retain(|place, (held, _)| *place != key(at) || !held.ended);
        if let Some((held, _)) = vault.get_mut(&key(at)) {
            held.person = person.clone();
            held.read_at = now;
        }
        Ok(())
    }
}
