//! Who a client id names: a client that the operator wrote down, or one that registered itself.
//!
//! *Invariant:* the kinds of id never overlap, so no registration can take a configured client's.

use configuration::{CLIENTS_VARIABLE, Configuration, PATH, clients_from_json};
use host::Variables;
use jose::VerifyingKeys;
use oauth::registration::Registration;
use oauth::{Client, ClientRefused};

use crate::settings::{self, SettingsRefused};

/// How clients are known here.
#[derive(Debug)]
pub(crate) struct Clients {
    configured: Vec<Client>,
    registered: VerifyingKeys<Registration>,
}

impl Clients {
    /// Reads the file, and the variables that say more.
    pub(crate) async fn read<H>(host: &H) -> Result<Self, SettingsRefused>
    where
        H: Variables + host::Configuration,
    {
        let text = host.file(PATH).await;
        let text = text.ok_or(SettingsRefused::ConfigurationMissing)?;
        let written = Configuration::read(&text)?.clients;
        let configured = match settings::optional(host, CLIENTS_VARIABLE).await? {
            None => written,
            Some(json) => clients_from_json(written, &json)?,
        };
        Ok(Self {
            configured,
            registered: settings::verifying(host, "registration_public_key").await?,
        })
    }

    /// The client that `id` names.
    pub(crate) fn find(&self, id: Option<&str>) -> Result<Client, ClientRefused> {
        let id = id.ok_or(ClientRefused::Missing)?;
        let mut configured = self.configured.iter();
        match configured.find(|client| client.id().as_str() == id) {
            Some(client) => Ok(client.clone()),
            None => Client::registered(id, &self.registered),
        }
    }

    /// The keys behind registrations, and behind their secrets.
    pub(crate) const fn registered(&self) -> &VerifyingKeys<Registration> {
        &self.registered
    }
}
