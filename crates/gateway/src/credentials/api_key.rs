//! Keys that programs call with.
//!
//! *Invariant:* a key is hashed before it is compared, with every key there is, in constant time;
//! who calls is known by the name of the key.

use std::sync::Arc;
use std::time::Duration;

use configuration::ApiKey;
use host::{Audit, Cache, Clock, Event};
use oauth::Timestamp;

use super::{Authenticated, CredentialRefused, standing};
use crate::settings::Settings;

/// What the subjects of keys begin with.
const SOURCE: &str = "api-key";

/// A use is worth telling once in this time.
const TOLD_EVERY: Duration = Duration::from_hours(1);

/// Verifies a key.
pub(super) async fn authenticate<H>(
    host: &H,
    settings: &Settings,
    key: &str,
) -> Result<Arc<Authenticated>, CredentialRefused>
where
    H: Audit + Cache + Clock,
{
    let hash = jose::sha256(key.as_bytes());
    let keys = settings.taken().api_keys.iter();
    // To the end of the list, so that time does not tell which of them matched.
    let found = keys.fold(None::<&ApiKey>, |found, key| {
        if key.has_hash(&hash) {
            Some(key)
        } else {
            found
        }
    });
    let key = found.ok_or(CredentialRefused::ApiKeyUnknown)?;
    if key.is_over(host.now()) {
        return Err(CredentialRefused::ApiKeyExpired(key.name().to_owned()));
    }
    let terms = (key.roles(), key.scopes());
    let caller = standing(SOURCE, key.name(), terms).ok_or(CredentialRefused::ApiKeyUnknown)?;
    told(host, settings, key.name()).await;
    Ok(caller)
}

/// Keeps when a key was used, so that an operator finds those that nobody uses any more.
async fn told<H: Audit + Cache + Clock>(host: &H, settings: &Settings, name: &str) {
    let now = host.now();
    let lately = |at: &Timestamp| *at <= now && now.since(*at) < TOLD_EVERY;
    let memory = &settings.memory().keys_used;
    if memory.recall(name).as_ref().is_some_and(lately) {
        return;
    }
    // First, since what follows is awaited, and other requests need not tell it too.
    memory.remember(name.to_owned(), now);
    let place = format!("api-key-used:{name}");
    let kept = host.recall(&place).await.ok().flatten();
    let kept = kept.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    if let Some(at) = kept.map(Timestamp::from_seconds).filter(lately) {
        memory.remember(name.to_owned(), at);
        return;
    }
    host.record(Event {
        subject: Some(format!("{SOURCE}:{name}")),
        credential: Some(SOURCE.to_owned()),
        ..Event::new("api_key.used")
    });
    // A store that does not answer keeps nobody from calling.
    let _ = host
        .keep(&place, now.as_seconds().to_string().as_bytes())
        .await;
}
