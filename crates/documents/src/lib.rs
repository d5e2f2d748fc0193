//! What others publish: documents and key sets, asked for privately and kept as copies.
//!
//! *Invariant:* what is learned is what the publisher says now or said within its own limits;
//! only an outage of the publisher lets an older copy speak, and nothing invalid is ever kept.

mod fetcher;

use host::{Audit, Cache, Chain, Clock, Event};
use oauth::client_document::{DocumentUrl, FetchRefused, Fetched, Freshness, Kept, Kind};

pub use fetcher::{COMPONENT, kind_of, path, read, request};

/// How much a reader trusts a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As long as the publisher allows.
    Full,
    /// Something suggests that the document changed.
    Doubt,
}

/// A document, and what is to be read from it.
#[derive(Debug)]
pub struct Wanted<'a, R> {
    /// Which kind it is.
    pub kind: Kind,
    /// Where it is.
    pub url: &'a DocumentUrl,
    /// The place of its copy in the store.
    pub key: String,
    /// How much a copy is trusted.
    pub trust: Trust,
    /// What reads it.
    pub read: R,
}

/// Why nothing is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlearned<E> {
    /// It cannot be fetched.
    #[error(transparent)]
    Fetch(FetchRefused),
    /// What is there is wrong.
    #[error(transparent)]
    Invalid(E),
}

impl<E> Unlearned<E> {
    /// Whether asking again later helps.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Fetch(reason) if reason.is_outage())
    }
}

impl<T, R, E> Wanted<'_, R>
where
    R: Fn(&str) -> Result<T, E>,
    E: std::error::Error + 'static,
{
    /// What is read from the document, or from a copy of it.
    pub async fn find<H>(&self, host: &H) -> Result<T, Unlearned<E>>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let stand_in = match self.recalled(host).await {
            Some((found, _, Freshness::Fresh)) => return Ok(found),
            Some((found, kept, Freshness::Stale)) => Some((found, kept)),
            Some((_, _, Freshness::Spent)) | None => None,
        };
        let fetched = self.ask(host).await;
        let read = fetched.map_err(Unlearned::Fetch).and_then(|fetched| {
            let found = (self.read)(&fetched.text).map_err(Unlearned::Invalid)?;
            Ok((found, fetched))
        });
        match (read, stand_in) {
            (Ok((found, fetched)), _) => {
                let kept = Kept::new(self.url, &fetched, host.now()).stored();
                // Without a cache the next request fetches again: that is all.
                let _ = host.keep(&self.key, &kept).await;
                Ok(found)
            }
            (Err(reason), Some((found, kept))) if reason.is_outage() => {
                host.record(Event::new("client_document.stood_in").because(&reason));
                let kept = kept.asked_for(host.now()).stored();
                let _ = host.keep(&self.key, &kept).await;
                Ok(found)
            }
            (Err(reason), Some(_)) => {
                let _ = host.forget(&self.key).await;
                Err(reason)
            }
            (Err(reason), None) => Err(reason),
        }
    }

    /// The copy, if it is still good for something by today's rules.
    async fn recalled<H: Cache + Clock>(&self, host: &H) -> Option<(T, Kept, Freshness)> {
        let stored = host.recall(&self.key).await.ok().flatten()?;
        let kept = Kept::read(&stored, self.url)?;
        let found = (self.read)(kept.text()).ok()?;
        let freshness = match self.trust {
            Trust::Full => kept.freshness(host.now()),
            Trust::Doubt => kept.clone().doubted().freshness(host.now()),
        };
        Some((found, kept, freshness))
    }

    async fn ask<H: Chain>(&self, host: &H) -> Result<Fetched, FetchRefused> {
        let unavailable = FetchRefused::FetcherUnavailable;
        let request = request(self.kind, self.url).map_err(|_| unavailable)?;
        let answer = host.ask(COMPONENT, request).await;
        read(answer.map_err(|_| unavailable)?)
    }
}
