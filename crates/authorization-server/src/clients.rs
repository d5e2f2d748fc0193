//! Who a client id names: a client that the operator wrote down, one that registered itself, or
//! one that is what a document says.
//!
//! *Invariant:* the kinds of id never overlap, so no registration can take a configured client's.

mod documents;

use configuration::{CLIENTS_VARIABLE, clients_from_json};
use host::{Audit, Bounded, Cache, Chain, Clock, Variables};
use jose::{ForeignKeys, VerifyingKeys};
use oauth::authentication::AuthenticationRefused;
use oauth::client_document::{ClientDocumentRefused, DocumentRefused};
use oauth::registration::Registration;
use oauth::{Client, ClientKeys, ClientRefused, Credential};

use crate::settings::{self, SettingsRefused};

use self::documents::Documents;
pub(crate) use ::documents::Trust;

/// Clients that an instance has lately found signed.
const MOST_SEEN: usize = 128;

/// How clients are known here.
#[derive(Debug)]
pub(crate) struct Clients {
    configured: Vec<Client>,
    registered: VerifyingKeys<Registration>,
    /// By the hash of its id: a sign-in names its client at every step, and a signature that held
    /// once holds for as long as these keys do.
    seen: Bounded<[u8; 32], Client>,
    documents: Documents,
}

impl Clients {
    /// Reads the variables that say more than the clients that are `written` in the file.
    pub(crate) async fn read(
        host: &impl Variables,
        written: Vec<Client>,
    ) -> Result<Self, SettingsRefused> {
        let configured = match host.optional(CLIENTS_VARIABLE).await? {
            None => written,
            Some(json) => clients_from_json(written, &json)?,
        };
        Ok(Self {
            configured,
            registered: settings::verifying(host, "registration_public_key").await?,
            seen: Bounded::new(MOST_SEEN),
            documents: Documents::read(host).await?,
        })
    }

    /// The client that `id` names.
    pub(crate) async fn find<H>(&self, host: &H, id: Option<&str>) -> Result<Client, ClientRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let id = id.ok_or(ClientRefused::Missing)?;
        let mut configured = self.configured.iter();
        match configured.find(|client| client.id().as_str() == id) {
            Some(client) => Ok(client.clone()),
            // No id that we sign begins like this.
            None if id.starts_with("https://") => Ok(self.documents.client(host, id).await?),
            None => self.registered_as(id),
        }
    }

    fn registered_as(&self, id: &str) -> Result<Client, ClientRefused> {
        let hash = jose::sha256(id.as_bytes());
        if let Some(client) = self.seen.recall(&hash) {
            return Ok(client);
        }
        let client = Client::registered(id, &self.registered)?;
        self.seen.remember(hash, client.clone());
        Ok(client)
    }

    /// The public keys of `client`, with which it signs assertions.
    pub(crate) async fn keys_of<H>(
        &self,
        host: &H,
        client: &Client,
        trust: Trust,
    ) -> Result<ForeignKeys, AuthenticationRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        match client.credential() {
            Credential::Keys(ClientKeys::Inline(set)) => {
                let keys = ForeignKeys::parse_value(set).map_err(ClientDocumentRefused::Jwks);
                Ok(keys.map_err(DocumentRefused::from)?)
            }
            Credential::Keys(ClientKeys::At(uri)) => {
                Ok(self.documents.keys(host, uri, trust).await?)
            }
            Credential::None | Credential::SecretOfRegistration | Credential::SecretSha256(_) => {
                Err(AuthenticationRefused::WrongMethod)
            }
        }
    }

    /// The keys behind registrations, and behind their secrets.
    pub(crate) const fn registered(&self) -> &VerifyingKeys<Registration> {
        &self.registered
    }
}
