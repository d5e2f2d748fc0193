//! Clients whose id is the address of a document, and the keys that clients publish.
//!
//! *Invariant:* what is learned is what the publisher says now or said within its own limits;
//! only an outage of the publisher lets an older copy speak, and nothing invalid is ever kept.

use ::documents::{Trust, Unlearned, Wanted};
use host::{Audit, Cache, Chain, Clock, Variables};
use jose::ForeignKeys;
use oauth::Client;
use oauth::client_document::{
    ClientDocumentRefused, DocumentHosts, DocumentRefused, DocumentUrl, Kept, Kind,
};

use crate::settings::{self, SettingsRefused};

/// How documents are known here.
#[derive(Debug)]
pub(crate) struct Documents {
    hosts: DocumentHosts,
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
            key: Kept::key(Kind::Document, &url),
            read: |text: &str| Client::documented(&url, text.as_bytes(), &self.hosts),
        };
        wanted.find(host).await.map_err(refused)
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
            key: Kept::key(Kind::KeySet, &url),
            read: |text: &str| {
                ForeignKeys::parse(text.as_bytes()).map_err(ClientDocumentRefused::Jwks)
            },
        };
        wanted.find(host).await.map_err(refused)
    }
}

fn refused(reason: Unlearned<ClientDocumentRefused>) -> DocumentRefused {
    match reason {
        Unlearned::Fetch(reason) => reason.into(),
        Unlearned::Invalid(reason) => reason.into(),
    }
}
