//! What a provider publishes: its metadata and its keys, fetched rarely.
//!
//! *Invariant:* what cannot be read is never kept, and only an outage of the provider lets an older
//! copy speak.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use host::{Cache, Clock, Fetch, FetchLimits};
use http::{Request, Response};
use jose::ForeignKeys;
use oauth::Timestamp;
use providers::{Discovered, Upstream};
use serde::{Deserialize, Serialize};

use super::failed::ProviderFailed;

/// A copy is good for so long.
const FRESH: Duration = Duration::from_hours(1);
/// And stands in for so long where the provider does not answer.
const STALE: Duration = Duration::from_hours(24);
/// Keys that were just fetched are not fetched again for a token that names another.
const COOL_DOWN: Duration = Duration::from_secs(30);

/// What one request to a provider may take.
const LIMITS: FetchLimits = FetchLimits {
    bytes: 64 * 1024,
    patience: Duration::from_secs(10),
};

/// A page of a list is longer: GitHub describes a hundred teams, each with its whole organization.
const LIST_LIMITS: FetchLimits = FetchLimits {
    bytes: 1024 * 1024,
    ..LIMITS
};

/// What this instance knows of its provider.
#[derive(Debug, Default)]
pub(super) struct Published {
    metadata: Mutex<Option<Held<Discovered>>>,
    keys: Mutex<Option<Held<ForeignKeys>>>,
}

#[derive(Debug)]
struct Held<T> {
    at: Timestamp,
    what: Arc<T>,
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self {
            at: self.at,
            what: Arc::clone(&self.what),
        }
    }
}

/// A copy that all instances share.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    url: String,
    text: String,
}

impl Published {
    /// Where the provider's endpoints are.
    pub(super) async fn discovered<H>(
        &self,
        host: &H,
        upstream: &Upstream,
    ) -> Result<Arc<Discovered>, ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        let Some(url) = upstream.metadata_url() else {
            return Ok(Arc::new(upstream.undiscovered()));
        };
        let document = Document {
            upstream,
            name: "metadata",
            url: &url,
            memory: &self.metadata,
        };
        document
            .find(host, FRESH, |text| Ok(upstream.discovered(text)?))
            .await
    }

    /// The provider's keys; newer ones, if `doubted`.
    pub(super) async fn keys<H>(
        &self,
        host: &H,
        (upstream, url): (&Upstream, &str),
        doubted: bool,
    ) -> Result<Arc<ForeignKeys>, ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        let document = Document {
            upstream,
            name: "keys",
            url,
            memory: &self.keys,
        };
        let age = if doubted { COOL_DOWN } else { FRESH };
        document
            .find(host, age, |text| Ok(ForeignKeys::parse(text)?))
            .await
    }
}

struct Document<'a, T> {
    upstream: &'a Upstream,
    name: &'static str,
    url: &'a str,
    memory: &'a Mutex<Option<Held<T>>>,
}

impl<T> Document<'_, T> {
    async fn find<H>(
        &self,
        host: &H,
        age: Duration,
        read: impl Fn(&[u8]) -> Result<T, ProviderFailed>,
    ) -> Result<Arc<T>, ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        let now = host.now();
        let is_within = |copy: &Held<T>, age: Duration| copy.at <= now && now.since(copy.at) < age;
        let mut copy = self.remembered();
        if copy.as_ref().is_none_or(|copy| !is_within(copy, age)) {
            copy = self.shared(host, &read).await.or(copy);
        }
        if let Some(copy) = copy.as_ref().filter(|copy| is_within(copy, age)) {
            self.remember(copy.clone());
            return Ok(Arc::clone(&copy.what));
        }
        match self.fetched(host, &read).await {
            Ok(what) => {
                let what = Arc::new(what);
                let at = now;
                self.remember(Held {
                    at,
                    what: Arc::clone(&what),
                });
                Ok(what)
            }
            Err(failed) => match copy.filter(|copy| is_within(copy, STALE)) {
                Some(copy) if failed.is_outage() => Ok(copy.what),
                _ => Err(failed),
            },
        }
    }

    fn key(&self) -> String {
        format!("provider:{}:{}", self.upstream.source.as_str(), self.name)
    }

    fn remembered(&self) -> Option<Held<T>> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.clone()
    }

    fn remember(&self, copy: Held<T>) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        *memory = Some(copy);
    }

    /// The copy of another instance, if it is of the same address and still reads.
    async fn shared<H: Cache>(
        &self,
        host: &H,
        read: impl Fn(&[u8]) -> Result<T, ProviderFailed>,
    ) -> Option<Held<T>> {
        let stored = host.recall(&self.key()).await.ok().flatten()?;
        let kept: Kept = serde_json::from_slice(&stored).ok()?;
        let what = read(kept.text.as_bytes())
            .ok()
            .filter(|_| kept.url == self.url)?;
        Some(Held {
            at: kept.at,
            what: Arc::new(what),
        })
    }

    async fn fetched<H>(
        &self,
        host: &H,
        read: impl Fn(&[u8]) -> Result<T, ProviderFailed>,
    ) -> Result<T, ProviderFailed>
    where
        H: Cache + Clock + Fetch,
    {
        let request = Upstream::public_request(self.url);
        let answer = send(host, self.name, request).await?;
        let body = succeeded(self.name, answer)?;
        let what = read(&body)?;
        let kept = std::str::from_utf8(&body).ok().map(|text| Kept {
            at: host.now(),
            url: self.url.to_owned(),
            text: text.to_owned(),
        });
        if let Some(kept) = kept.and_then(|kept| serde_json::to_vec(&kept).ok()) {
            // Without a cache the next instance fetches again: that is all.
            let _ = host.keep(&self.key(), &kept).await;
        }
        Ok(what)
    }
}

/// Sends a request to a provider; `what` is asked for, in the words of a log.
pub(super) async fn send<H: Fetch>(
    host: &H,
    what: &'static str,
    request: Option<Request<Bytes>>,
) -> Result<Response<Bytes>, ProviderFailed> {
    within(host, what, (request, LIMITS)).await
}

/// The same for a page of a list.
pub(super) async fn send_for_list<H: Fetch>(
    host: &H,
    request: Option<Request<Bytes>>,
) -> Result<Response<Bytes>, ProviderFailed> {
    within(host, "lists", (request, LIST_LIMITS)).await
}

async fn within<H: Fetch>(
    host: &H,
    what: &'static str,
    (request, limits): (Option<Request<Bytes>>, FetchLimits),
) -> Result<Response<Bytes>, ProviderFailed> {
    let request = request.ok_or(ProviderFailed::Address(what))?;
    let fetched = host.fetch(request, limits, |_| true).await;
    fetched.map_err(|reason| ProviderFailed::Fetch(what, reason))
}

/// The body of an answer that is what was asked for; a redirect is none.
pub(super) fn succeeded(
    what: &'static str,
    answer: Response<Bytes>,
) -> Result<Bytes, ProviderFailed> {
    let status = answer.status();
    if status.is_success() {
        Ok(answer.into_body())
    } else {
        Err(ProviderFailed::Status(what, status.as_u16()))
    }
}
