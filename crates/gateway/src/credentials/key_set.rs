//! The keys that an issuer publishes, as an instance and the store remember them.
//!
//! *Invariant:* a key that nobody knows has the issuer asked again, but once in half a minute at
//! most, whatever strangers present; an issuer out of reach keeps the keys that it had.

use std::sync::Arc;
use std::time::Duration;

use documents::{Trust, Wanted};
use host::{Audit, Cache, Chain, Clock};
use jose::ForeignKeys;
use oauth::Timestamp;
use oauth::client_document::{DocumentUrl, Kind};

use super::CredentialRefused;
use crate::settings::Memory;

/// For this long an instance asks nobody.
const REMEMBERED: Duration = Duration::from_mins(1);
/// For this long an unknown key is just that.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// After a failure without a copy, for this long everybody waits.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Where an issuer's keys are, and what they are called here.
#[derive(Debug)]
pub(super) struct KeySet {
    pub(super) source: String,
    pub(super) url: DocumentUrl,
}

/// What an instance knows of a set.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    keys: Option<Arc<ForeignKeys>>,
    at: Timestamp,
    doubted_at: Option<Timestamp>,
}

impl KeySet {
    /// The keys.
    pub(super) async fn keys<H>(
        &self,
        host: &H,
        memory: &Memory,
    ) -> Result<Arc<ForeignKeys>, CredentialRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let now = host.now();
        let held = memory.key_sets.recall(&self.source);
        match &held {
            Some(Held {
                keys: Some(keys),
                at,
                ..
            }) if is_of(*at, now, REMEMBERED) => return Ok(Arc::clone(keys)),
            Some(Held { keys: None, at, .. }) if is_of(*at, now, AFTER_FAILURE) => {
                return Err(CredentialRefused::KeysLately(self.source.clone()));
            }
            Some(_) | None => {}
        }
        let doubted_at = held.and_then(|held| held.doubted_at);
        self.find(host, memory, Trust::Full, doubted_at).await
    }

    /// The keys, from an issuer who may have new ones; nothing where that was asked a moment ago.
    pub(super) async fn newer<H>(
        &self,
        host: &H,
        memory: &Memory,
    ) -> Result<Option<Arc<ForeignKeys>>, CredentialRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let now = host.now();
        let held = memory.key_sets.recall(&self.source);
        let lately = held.and_then(|held| held.doubted_at);
        if lately.is_some_and(|at| is_of(at, now, COOL_DOWN)) {
            return Ok(None);
        }
        self.find(host, memory, Trust::Doubt, Some(now))
            .await
            .map(Some)
    }

    async fn find<H>(
        &self,
        host: &H,
        memory: &Memory,
        trust: Trust,
        doubted_at: Option<Timestamp>,
    ) -> Result<Arc<ForeignKeys>, CredentialRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let wanted = Wanted {
            kind: Kind::KeySet,
            url: &self.url,
            // A place of its own, which no client's document can take.
            key: format!("issuer-keys:{}", self.source),
            trust,
            read: |text: &str| ForeignKeys::parse(text.as_bytes()),
        };
        let found = wanted.find(host).await.map(Arc::new);
        let older = || memory.key_sets.recall(&self.source)?.keys;
        let found = match found {
            // The store has lost its copy, and this instance has not.
            Err(reason) if reason.is_outage() => older().ok_or(reason),
            found => found,
        };
        let held = Held {
            keys: found.as_ref().ok().cloned(),
            at: host.now(),
            doubted_at,
        };
        memory.key_sets.remember(self.source.clone(), held);
        found.map_err(|reason| CredentialRefused::Keys(self.source.clone(), reason))
    }
}

fn is_of(at: Timestamp, now: Timestamp, lifetime: Duration) -> bool {
    at <= now && now.since(at) < lifetime
}
