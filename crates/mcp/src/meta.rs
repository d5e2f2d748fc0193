//! `_meta`, where a modern request says what `initialize` used to say (2026-07-28, Base Protocol).
//!
//! *Invariant:* keys that are not the protocol's are carried, never read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::params::string;

/// The key that makes a request modern.
pub(crate) const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// What the client can do.
pub(crate) const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// The protocol's own keys of `_meta`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meta<'a> {
    /// All of it.
    pub raw: Option<&'a RawValue>,
    protocol_version: Option<&'a RawValue>,
    client_capabilities: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    protocol_version: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    client_capabilities: Option<&'a RawValue>,
}

impl<'a> Meta<'a> {
    /// Reads `_meta`. One that cannot be read has no keys, so the rules find them missing.
    pub(crate) fn read(raw: Option<&'a RawValue>) -> Self {
        let object = raw.filter(|raw| raw.get().starts_with('{'));
        let wire: Option<Wire<'a>> = object.and_then(|raw| serde_json::from_str(raw.get()).ok());
        Self {
            raw,
            protocol_version: wire.as_ref().and_then(|wire| wire.protocol_version),
            client_capabilities: wire.as_ref().and_then(|wire| wire.client_capabilities),
        }
    }

    /// Whether it says a version at all, readable or not.
    #[must_use]
    pub const fn is_modern(&self) -> bool {
        self.protocol_version.is_some()
    }

    /// The version, where it is a string.
    #[must_use]
    pub fn protocol_version(&self) -> Option<Cow<'a, str>> {
        string(self.protocol_version)
    }

    /// Whether it lists the client's capabilities in an object.
    #[must_use]
    pub fn has_client_capabilities(&self) -> bool {
        self.client_capabilities
            .is_some_and(|raw| raw.get().starts_with('{'))
    }
}
