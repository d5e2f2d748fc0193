//! Rows that nobody needs any more, a few at a time, beside a request that makes one more.
//!
//! *Invariant:* a sweep takes a bounded time, and its failure fails nobody.

use host::{Clock, Entropy, Event, Grants, Marks, Replays, Sessions, Unavailable};
use oauth::Mark;

use super::Settings;

/// One request in so many sweeps; a sweep removes more rows than requests make between two.
const ONE_IN: u8 = 16;
const LIMIT: u32 = 64;

/// Sweeps, now and then.
pub(super) async fn now_and_then<H>(host: &H, settings: &Settings)
where
    H: host::Audit + Clock + Entropy + Grants + Marks + Replays + Sessions,
{
    let [chance] = host.random();
    if chance < u8::MAX / ONE_IN && sweep(host, settings).await.is_err() {
        host.record(Event::new("sweep.failed"));
    }
}

/// Removes what is over, and the marks that spoke of it.
async fn sweep<H>(host: &H, settings: &Settings) -> Result<(), Unavailable>
where
    H: Clock + Grants + Marks + Replays + Sessions,
{
    let horizon = settings.lifetimes.horizon(host.now());
    for grant in Grants::sweep(host, &horizon, LIMIT).await? {
        host.unmark(&Mark::Grant(grant)).await?;
    }
    for id in host.forget(horizon.revoked, LIMIT).await? {
        if let Some(mark) = Mark::of_token(&id) {
            host.unmark(&mark).await?;
        }
    }
    host.sweep_sessions(host.now(), LIMIT).await
}
