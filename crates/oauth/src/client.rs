//! Clients: who asks, how we know, and how they prove it.
//!
//! *Invariant:* a [`Client`] comes only from an id that proved itself, a document that was fetched
//! from the id, or the operator's configuration.

use std::fmt;

use jose::VerifyingKeys;
use serde::{Deserialize, Serialize};

use crate::auth_method::AuthMethod;
use crate::client_document::DocumentRefused;
use crate::grant_type::GrantType;
use crate::redirect_uri::{RedirectKind, RedirectUri};
use crate::registration::Registration;
use crate::scope::Scopes;

/// A client identifier as it travels: at most 2,000 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

/// What stands for a client id where there is no room for it: its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientHash(String);

/// How a client is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// The operator wrote it down.
    Configured,
    /// Its id is the URL of a document, which this host serves.
    Document {
        /// The host.
        host: String,
    },
    /// It registered itself (RFC 7591): its name is only what it says.
    RegisteredItself,
}

/// What a client proves itself with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Its own keys, with which it signs assertions.
    Keys(ClientKeys),
    /// Nothing but its id.
    None,
    /// The secret that belongs to its signed id.
    SecretOfRegistration,
    /// A secret of which only the SHA-256 is known.
    SecretSha256([u8; 32]),
}

/// Where a client's public keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKeys {
    /// In its metadata: a JWK Set.
    Inline(serde_json::Value),
    /// At its `jwks_uri`.
    At(String),
}

/// A client that is known.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) id: ClientId,
    pub(crate) kind: ClientKind,
    pub(crate) name: Option<String>,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) methods: Vec<AuthMethod>,
    pub(crate) credential: Credential,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) service: Service,
}

/// What a client may do in its own name, and not in a person's: only the operator can say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The scopes of its own tokens.
    pub scopes: Scopes,
    /// The paths of the resources that its own tokens are for.
    pub resources: Vec<String>,
    /// Whether it may ask what other clients' tokens are (RFC 7662).
    pub introspects: bool,
}

/// Why a client id names no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefused {
    /// Its id is an address, and the document there is of no use.
    #[error("the client's document is refused: {0}")]
    Document(#[from] DocumentRefused),
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
    /// The client that registered as `id`, if its signature holds and the policy still allows it.
    pub fn registered(id: &str, keys: &VerifyingKeys<Registration>) -> Result<Self, ClientRefused> {
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
        let (method, credential) = registration
            .authentication()
            .ok_or(ClientRefused::NoLongerAllowed)?;
        Ok(Self {
            id: ClientId::new(id.to_owned()),
            kind: ClientKind::RegisteredItself,
            name: registration.client_name().map(str::to_owned),
            redirect_uris,
            methods: vec![method],
            credential,
            grant_types: GrantType::OF_PEOPLE.to_vec(),
            service: Service::default(),
        })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        &self.id
    }

    /// How it is known.
    #[must_use]
    pub const fn kind(&self) -> &ClientKind {
        &self.kind
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

    /// Whether every place it may be redirected to is a port on the person's own machine, where
    /// any program can claim to be this client.
    #[must_use]
    pub fn is_loopback_only(&self) -> bool {
        let loopback = |uri: &RedirectUri| uri.kind() == RedirectKind::Loopback;
        self.redirect_uris.iter().all(loopback)
    }

    /// Whether it may prove itself by `method`: the one it registered, and no other.
    #[must_use]
    pub fn authenticates_by(&self, method: AuthMethod) -> bool {
        self.methods.contains(&method)
    }

    /// What it proves itself with.
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Whether it may come to a token this way.
    #[must_use]
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// What it may do in its own name.
    #[must_use]
    pub const fn service(&self) -> &Service {
        &self.service
    }
}
