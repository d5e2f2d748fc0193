//! Variables and `postern.toml` become typed settings, once per instance.
//!
//! *Invariant:* what is missing or wrong is named, by variable or line, and then nothing is served:
//! a gateway without its rules would be an open one.

use std::sync::{Arc, OnceLock};

use configuration::{Configuration, ConfigurationRefused, Credentials, Mounted, PATH, Place};
use host::{VariableRefused, Variables};
use http::Request;
use jose::{KeyRefused, SigningKeys, VerifyingKeys};
use mcp::ToolEntry;
use mcp::results::Implementation;
use oauth::access_token::Claims;
use oauth::{Identities, IdentityRefused, Mark, ServerIdentity, Timestamp};
use policy::Policy;

use crate::assertion::{Assertion, Made};
use crate::bearer::Marked;
use crate::bounded::Bounded;
use crate::credentials::{Authenticated, Held, Taken, TakenRefused};
use crate::origin::{Origins, OriginsRefused};

/// What this server calls itself, in both eras.
pub(crate) const SERVER: Implementation = Implementation {
    name: "postern",
    title: "Postern",
    version: env!("CARGO_PKG_VERSION"),
};

/// What the component `gateway` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    access_tokens: VerifyingKeys<Claims>,
    assertions: Option<SigningKeys<Assertion>>,
    origins: Origins,
    mounted: Mounted,
    policy: Policy,
    taken: Taken,
    memory: Memory,
}

/// What an instance has found out.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) tokens: Bounded<[u8; 32], Arc<Authenticated>>,
    pub(crate) marks: Bounded<Mark, Marked>,
    pub(crate) assertions: Bounded<(String, String), Made>,
    pub(crate) key_sets: Bounded<String, Held>,
    pub(crate) keys_used: Bounded<String, Timestamp>,
    pub(crate) toolset: OnceLock<Vec<ToolEntry>>,
}

/// Why the gateway cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum SettingsRefused {
    /// The file is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationRefused),
    /// The file is not there.
    #[error(
        "{PATH} is not there: give the component `gateway` the file in spin.toml, with \
         `files = [{{ source = \"postern.toml\", destination = \"/postern.toml\" }}]`"
    )]
    ConfigurationMissing,
    /// Neither a public URL nor dev.
    #[error(transparent)]
    Identity(#[from] IdentityRefused),
    /// A key is bad.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// The origins are none.
    #[error(transparent)]
    Origins(#[from] OriginsRefused),
    /// What else would be taken cannot be known.
    #[error(transparent)]
    Taken(#[from] TakenRefused),
    /// A variable is missing, or cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableRefused),
}

impl Settings {
    /// Reads the variables and the file.
    pub async fn read<H>(host: &H) -> Result<Self, SettingsRefused>
    where
        H: Variables + host::Configuration,
    {
        let public_url = host.optional("public_url").await?;
        let dev_key = host.optional("dev_key").await?;
        let identities = Identities::read(public_url.as_deref(), dev_key.as_deref())?;
        let key = host.required("access_token_public_key").await?;
        let text = host.file(PATH).await;
        let text = text.ok_or(SettingsRefused::ConfigurationMissing)?;
        let configuration = Configuration::read(&text)?;
        let local = identities == Identities::Loopback;
        configuration.check_deployment(local)?;
        let Configuration {
            mounted, policy, ..
        } = configuration;
        let credentials = Credentials::read(&text)?;
        let origins = host.optional("allowed_origins").await?;
        Ok(Self {
            access_tokens: VerifyingKeys::parse("access_token_public_key", &key)?,
            assertions: assertions(host, &mounted).await?,
            origins: Origins::read(origins.as_deref(), local)?,
            taken: Taken::read(host, credentials, local).await?,
            identities,
            mounted,
            policy,
            memory: Memory::new(),
        })
    }

    /// The identity that a request reached.
    pub(crate) fn reached_by(
        &self,
        request: &Request<()>,
    ) -> Result<ServerIdentity, IdentityRefused> {
        self.identities.reached(request)
    }

    pub(crate) const fn access_tokens(&self) -> &VerifyingKeys<Claims> {
        &self.access_tokens
    }

    pub(crate) const fn assertions(&self) -> Option<&SigningKeys<Assertion>> {
        self.assertions.as_ref()
    }

    pub(crate) const fn origins(&self) -> &Origins {
        &self.origins
    }

    pub(crate) const fn mounted(&self) -> &Mounted {
        &self.mounted
    }

    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) const fn taken(&self) -> &Taken {
        &self.taken
    }

    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }
}

impl Memory {
    fn new() -> Self {
        Self {
            tokens: Bounded::new(1024),
            // Two marks stop a token: its grant's and its own.
            marks: Bounded::new(2048),
            assertions: Bounded::new(1024),
            // An operator writes down few issuers, and few keys.
            key_sets: Bounded::new(64),
            keys_used: Bounded::new(1024),
            toolset: OnceLock::new(),
        }
    }
}

/// Only a server that is called over HTTP is told by an assertion who calls.
async fn assertions(
    host: &impl Variables,
    mounted: &Mounted,
) -> Result<Option<SigningKeys<Assertion>>, SettingsRefused> {
    let chained = |place: &Place| matches!(place, Place::Component(_));
    if !mounted.iter().any(|server| chained(&server.place)) {
        return Ok(None);
    }
    let key = host.required("assertion_key").await?;
    Ok(Some(SigningKeys::parse("assertion_key", &key)?))
}
