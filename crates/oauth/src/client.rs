//! Clients: who asks, and how we know.
//!
//! *Invariant:* a [`Client`] comes only from a client id that proved itself.

use std::fmt;

use jose::VerifyingKeys;
use serde::{Deserialize, Serialize};

use crate::redirect_uri::RedirectUri;
use crate::registration::Registration;

/// A client identifier as it travels: at most 2,000 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

/// What stands for a client id where there is no room for it: its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientHash(String);

/// How a client is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// It registered itself (RFC 7591): its name is only what it says.
    RegisteredItself,
}

/// A client whose id proved itself.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    kind: ClientKind,
    name: Option<String>,
    redirect_uris: Vec<RedirectUri>,
}

/// Why a client id names no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefused {
    /// No client id.
    #[error("the parameter `client_id` is missing")]
    Missing,
    /// Its redirect URIs are no longer allowed.
    #[error("the client's registration is no longer allowed: register again")]
    NoLongerAllowed,
    /// Not an id we signed, or signed with a key that is gone.
    #[error("the client is unknown: register again")]
    Unknown,
}

impl ClientId {
    /// The most characters a client id may have.
    pub const MAX_LENGTH: usize = 2000;

    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    /// The id as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for it where there is no room.
    #[must_use]
    pub fn hash(&self) -> ClientHash {
        ClientHash(jose::encode(jose::sha256(self.0.as_bytes())))
    }
}

impl ClientHash {
    /// A hash that a store kept.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Client {
    /// The client that `id` names, if its signature holds and the policy still allows it.
    pub fn known_by(
        id: Option<&str>,
        keys: &VerifyingKeys<Registration>,
    ) -> Result<Self, ClientRefused> {
        let id = id.ok_or(ClientRefused::Missing)?;
        if id.len() > ClientId::MAX_LENGTH {
            return Err(ClientRefused::Unknown);
        }
        let registration = keys.verify(id).map_err(|_| ClientRefused::Unknown)?;
        let redirect_uris = registration
            .redirect_uris()
            .iter()
            .map(|uri| RedirectUri::parse(uri))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| ClientRefused::NoLongerAllowed)?;
        Ok(Self {
            id: ClientId::new(id.to_owned()),
            kind: ClientKind::RegisteredItself,
            name: registration.client_name().map(str::to_owned),
            redirect_uris,
        })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        &self.id
    }

    /// How it is known.
    #[must_use]
    pub const fn kind(&self) -> ClientKind {
        self.kind
    }

    /// What it calls itself.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it may be redirected to.
    #[must_use]
    pub fn redirect_uris(&self) -> &[RedirectUri] {
        &self.redirect_uris
    }
}
