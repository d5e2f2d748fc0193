//! Clients whose id is the address of a document, and the keys that clients publish.
//!
//! *Invariant:* what is learned is what the publisher says now or said within its own limits;
//! only an outage of the publisher lets an older copy speak, and nothing invalid is ever kept.

use host::{Audit, Cache, Chain, Clock, Event, Variables};
use jose::ForeignKeys;
use oauth::Client;
use oauth::client_document::{
    ClientDocumentRefused, DocumentHosts, DocumentRefused, DocumentUrl, FetchRefused, Fetched,
    Freshness, Kept, Kind,
};

use crate::client_documents;
use crate::settings::{self, SettingsRefused};

/// How documents are known here.
#[derive(Debug)]
pub(crate) struct Documents {
    hosts: DocumentHosts,
}

/// How much a reader trusts a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// As long as the publisher allows.
    Full,
    /// Something suggests that the document changed.
    Doubt,
}

/// A document, and what is to be read from it.
struct Wanted<'a, R> {
    kind: Kind,
    url: &'a DocumentUrl,
    trust: Trust,
    read: R,
}

impl Documents {
    /// Reads the variables that say whose documents are taken.
    pub(crate) async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            hosts: settings::document_hosts(host).await?,
        })
    }

    /// The client whose document is at `id`.
    pub(crate) async fn client<H>(&self, host: &H, id: &str) -> Result<Client, DocumentRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let url = DocumentUrl::parse(id, &self.hosts)?;
        let wanted = Wanted {
            kind: Kind::Document,
            url: &url,
            trust: Trust::Full,
            read: |text: &str| Client::documented(&url, text.as_bytes(), &self.hosts),
        };
        wanted.find(host).await
    }

    /// The keys at a client's `jwks_uri`.
    pub(crate) async fn keys<H>(
        &self,
        host: &H,
        jwks_uri: &str,
        trust: Trust,
    ) -> Result<ForeignKeys, DocumentRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let url = DocumentUrl::parse(jwks_uri, &self.hosts)?;
        let wanted = Wanted {
            kind: Kind::KeySet,
            url: &url,
            trust,
            read: |text: &str| {
                ForeignKeys::parse(text.as_bytes()).map_err(ClientDocumentRefused::Jwks)
            },
        };
        wanted.find(host).await
    }
}

impl<T, R> Wanted<'_, R>
where
    R: Fn(&str) -> Result<T, ClientDocumentRefused>,
{
    async fn find<H>(&self, host: &H) -> Result<T, DocumentRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let key = Kept::key(self.kind, self.url);
        let stand_in = match self.recalled(host, &key).await {
            Some((found, Freshness::Fresh)) => return Ok(found),
            Some((found, Freshness::Stale)) => Some(found),
            Some((_, Freshness::Spent)) | None => None,
        };
        let fetched = self.ask(host).await;
        let read = fetched.map_err(DocumentRefused::from).and_then(|fetched| {
            let found = (self.read)(&fetched.text)?;
            Ok((found, fetched))
        });
        match (read, stand_in) {
            (Ok((found, fetched)), _) => {
                let kept = Kept::new(self.url, &fetched, host.now()).stored();
                // Without a cache the next request fetches again: that is all.
                let _ = host.keep(&key, &kept).await;
                Ok(found)
            }
            (Err(reason), Some(found)) if reason.is_outage() => {
                host.record(Event::new("client_document.stood_in").because(&reason));
                Ok(found)
            }
            (Err(reason), Some(_)) => {
                let _ = host.forget(&key).await;
                Err(reason)
            }
            (Err(reason), None) => Err(reason),
        }
    }

    /// The copy, if it is still good for something by today's rules.
    async fn recalled<H: Cache + Clock>(&self, host: &H, key: &str) -> Option<(T, Freshness)> {
        let stored = host.recall(key).await.ok().flatten()?;
        let kept = Kept::read(&stored, self.url)?;
        let kept = match self.trust {
            Trust::Full => kept,
            Trust::Doubt => kept.doubted(),
        };
        let found = (self.read)(kept.text()).ok()?;
        Some((found, kept.freshness(host.now())))
    }

    async fn ask<H: Chain>(&self, host: &H) -> Result<Fetched, FetchRefused> {
        let unavailable = FetchRefused::FetcherUnavailable;
        let request = client_documents::request(self.kind, self.url);
        let request = request.map_err(|_| unavailable)?;
        let answer = host.ask(client_documents::COMPONENT, request).await;
        client_documents::read(answer.map_err(|_| unavailable)?)
    }
}
