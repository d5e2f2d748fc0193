//! A pending sign-in: what a person consented to, on its way through their own browser.
//!
//! *Invariant:* it exists only after consent, sealed in a cookie of that browser, and nowhere
//! else; its id is unique among grants, so it becomes at most one.

use std::fmt;
use std::time::Duration;

use jose::Sealed;
use serde::{Deserialize, Serialize};

use crate::authorize::AuthorizationRequest;
use crate::client::ClientHash;
use crate::identity::Issuer;
use crate::person::Source;
use crate::pkce::CodeChallenge;
use crate::resource::Resources;
use crate::scope::Scopes;
use crate::timestamp::Timestamp;

/// The id of a sign-in: 16 random bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransactionId(String);

/// A short name of a sign-in that pages, errors and audit rows share; it opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowId(String);

/// What travels in the cookie. Field names are short: cookies are small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Which sign-in.
    #[serde(rename = "t")]
    pub id: TransactionId,
    /// Which provider the person chose.
    #[serde(rename = "p")]
    pub provider: Source,
    /// Which of our identities it began at.
    #[serde(rename = "i")]
    pub issuer: Issuer,
    /// Which client, as a hash.
    #[serde(rename = "c")]
    pub client: ClientHash,
    /// What the client calls itself.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Where the answer goes, checked against the client's registration.
    #[serde(rename = "r")]
    pub redirect: String,
    /// The client's own state.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub client_state: Option<String>,
    /// What the person agreed to.
    #[serde(rename = "o")]
    pub scopes: Scopes,
    /// For which resources.
    #[serde(rename = "w")]
    pub resources: Resources,
    /// What the client's verifier must answer.
    #[serde(rename = "h")]
    pub challenge: CodeChallenge,
    /// The random part of the state we send to the provider.
    #[serde(rename = "u")]
    nonce: String,
    /// When the person agreed.
    #[serde(rename = "a")]
    at: Timestamp,
}

impl Sealed for Transaction {
    const PURPOSE: &'static str = "transaction";
}

/// The state we send to a provider: `<provider>.<transaction>.<nonce>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamState(String);

/// Why a browser's return is not the end of a sign-in that this browser began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionRefused {
    /// More than ten minutes ago.
    #[error("this sign-in took longer than ten minutes: start again from your application")]
    Expired,
    /// Not this browser's, or altered, or already over.
    #[error(
        "this sign-in did not start in this browser, or is already over: start again from your application"
    )]
    NotHere,
    /// `state` is not the one we sent.
    #[error("the parameter `state` is not the one this sign-in began with")]
    WrongState,
}

impl TransactionId {
    /// An id from random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(jose::encode(random))
    }

    /// Reads an id from a form, a link or a store.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        jose::decode(text)
            .filter(|bytes| bytes.len() == 16)
            .map(|_| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name by which people and logs speak of this sign-in.
    #[must_use]
    pub fn flow(&self) -> FlowId {
        FlowId::of(self.0.as_bytes())
    }
}

impl FlowId {
    /// A name for what `bytes` identify.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = jose::sha256(bytes);
        Self(
            digest
                .iter()
                .take(4)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Transaction {
    /// How long a person has between consent and the return from their provider.
    pub const LIFETIME: Duration = Duration::from_mins(10);

    /// What a person just agreed to.
    #[must_use]
    pub fn consented(
        request: &AuthorizationRequest,
        id: TransactionId,
        provider: Source,
        issuer: Issuer,
        chance: ([u8; 16], Timestamp),
    ) -> Self {
        let (nonce, at) = chance;
        Self {
            id,
            provider,
            issuer,
            client: request.client.id().hash(),
            client_name: request
                .client
                .name()
                .map(|name| name.chars().take(40).collect()),
            redirect: request.redirect.as_str().to_owned(),
            client_state: request.state.clone(),
            scopes: request.scopes.clone(),
            resources: request.resources.clone(),
            challenge: request.challenge.clone(),
            nonce: jose::encode(nonce),
            at,
        }
    }

    /// What the seal is bound to besides its key.
    #[must_use]
    pub fn context(&self) -> String {
        Self::context_of(&self.provider, &self.issuer)
    }

    /// What the seals of `provider`'s sign-ins at `issuer` are bound to.
    #[must_use]
    pub fn context_of(provider: &Source, issuer: &Issuer) -> String {
        format!("{}/{issuer}", provider.as_str())
    }

    /// When the person agreed.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The state to send to the provider.
    #[must_use]
    pub fn upstream_state(&self) -> UpstreamState {
        UpstreamState(format!(
            "{}.{}.{}",
            self.provider.as_str(),
            self.id.0,
            self.nonce
        ))
    }

    /// Whether the sign-in still lives at `now`.
    pub fn check_age(&self, now: Timestamp) -> Result<(), TransactionRefused> {
        if now.since(self.at) > Self::LIFETIME {
            Err(TransactionRefused::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether `returned` is the state this sign-in began with.
    pub fn check_state(&self, returned: &UpstreamState) -> Result<(), TransactionRefused> {
        let ours = self.upstream_state();
        if jose::constant_time_eq(ours.0.as_bytes(), returned.0.as_bytes()) {
            Ok(())
        } else {
            Err(TransactionRefused::WrongState)
        }
    }

    /// The client's location with an answer, its state and our issuer (RFC 9207).
    #[must_use]
    pub fn answer(&self, parameters: &[(&str, &str)]) -> Option<String> {
        let mut url = url::Url::parse(&self.redirect).ok()?;
        url.query_pairs_mut()
            .extend_pairs(parameters)
            .extend_pairs(self.client_state.iter().map(|state| ("state", state)))
            .append_pair("iss", self.issuer.as_str());
        Some(url.into())
    }
}

impl UpstreamState {
    /// A state as it came back.
    #[must_use]
    pub fn returned(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The state as it travels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which sign-in it claims to belong to.
    #[must_use]
    pub fn transaction(&self) -> Option<TransactionId> {
        TransactionId::parse(self.0.split('.').nth(1)?)
    }
}
