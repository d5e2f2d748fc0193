//! Variables and `postern.toml` become typed settings, once per instance.
//!
//! *Invariant:* what is missing or wrong is named, by variable or line, and then nothing is served:
//! a gateway without its rules would be an open one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use configuration::{Configuration, ConfigurationRefused, Credentials, Mounted, PATH, SamePeople};
use host::{Address, Bounded, VariableRefused, Variables};
use http::Request;
use jose::{KeyRefused, SealKeys, SigningKeys, VerifyingKeys};
use mcp::results::Implementation;
use mcp::{Capabilities, ToolEntry};
use oauth::access_token::Claims;
use oauth::assertion::Assertion;
use oauth::{Identities, IdentityRefused, Mark, ServerIdentity, Timestamp};
use policy::Policy;

use crate::assertion::Made;
use crate::bearer::Marked;
use crate::conversation::Lately;
use crate::credentials::{Authenticated, Held, Taken, TakenRefused};
use crate::found::Finds;
use crate::origin::{Origins, OriginsRefused};
use crate::resources::Holdings;
use crate::session::Session;
use crate::tools::Mirrored;

/// What this server calls itself, in both eras.
pub(crate) const SERVER: Implementation = Implementation {
    name: "postern",
    title: "Postern",
    version: env!("CARGO_PKG_VERSION"),
};

// How long a stream is held, in seconds.
const HOUR: u64 = 3600;
const LEAST: u64 = 2;
const MOST: u64 = 24 * HOUR;

/// What the component `gateway` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    access_tokens: VerifyingKeys<Claims>,
    assertions: SigningKeys<Assertion>,
    handles: SealKeys<Session>,
    stream_lifetime: Duration,
    origins: Origins,
    mounted: Mounted,
    policy: Policy,
    taken: Taken,
    same_people: SamePeople,
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
    pub(crate) sessions: Bounded<Address, Lately>,
    pub(crate) toolset: OnceLock<Vec<ToolEntry>>,
    pub(crate) offers: Finds<Capabilities>,
    pub(crate) holdings: Finds<Arc<Holdings>>,
    pub(crate) mirrored: Finds<Arc<Mirrored>>,
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
    /// Nobody holds a stream so long.
    #[error("the variable `stream_seconds` must be a number from {LEAST} to {MOST}")]
    StreamLifetime,
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
        let assertion_key = host.required("assertion_key").await?;
        let handle_key = host.required("handle_key").await?;
        let text = host.file(PATH).await;
        let text = text.ok_or(SettingsRefused::ConfigurationMissing)?;
        let configuration = Configuration::read(&text)?;
        let local = identities == Identities::Loopback;
        configuration.check_deployment(local)?;
        let Configuration {
            mounted,
            policy,
            same_people,
            ..
        } = configuration;
        let credentials = Credentials::read(&text)?;
        let origins = host.optional("allowed_origins").await?;
        Ok(Self {
            access_tokens: VerifyingKeys::parse("access_token_public_key", &key)?,
            assertions: SigningKeys::parse("assertion_key", &assertion_key)?,
            handles: SealKeys::parse("handle_key", &handle_key)?,
            stream_lifetime: stream_lifetime(host.optional("stream_seconds").await?.as_deref())?,
            origins: Origins::read(origins.as_deref(), local)?,
            taken: Taken::read(host, credentials, local).await?,
            identities,
            mounted,
            policy,
            same_people,
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

    pub(crate) const fn assertions(&self) -> &SigningKeys<Assertion> {
        &self.assertions
    }

    pub(crate) const fn handles(&self) -> &SealKeys<Session> {
        &self.handles
    }

    pub(crate) const fn stream_lifetime(&self) -> Duration {
        self.stream_lifetime
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

    /// Who is known as whom.
    pub(crate) const fn same_people(&self) -> &SamePeople {
        &self.same_people
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
            sessions: Bounded::new(1024),
            toolset: OnceLock::new(),
            offers: Finds::new(1024),
            // Lists may be long, so few are remembered.
            holdings: Finds::new(64),
            mirrored: Finds::new(256),
        }
    }
}

/// Where a platform ends streams itself, a little less than it allows lets clients hear of it.
fn stream_lifetime(text: Option<&str>) -> Result<Duration, SettingsRefused> {
    let seconds = match text.filter(|text| !text.is_empty()) {
        None => Ok(HOUR),
        Some(text) => text.parse().map_err(|_| SettingsRefused::StreamLifetime),
    }?;
    if (LEAST..=MOST).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(SettingsRefused::StreamLifetime)
    }
}
