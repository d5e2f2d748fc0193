//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): a client is what
//! the document at its id says.
//!
//! *Invariant:* a document speaks only for the address that it was fetched from, and holds
//! nothing that would have to stay secret.

mod authentication;
mod fetch;
mod hosts;
mod kept;
mod url;

use jose::ForeignKeysRefused;
use serde_json::{Map, Value};

use crate::client::{Client, ClientId, ClientKind, Service};
use crate::grant_type::GrantType;
use crate::redirect_uri::{RedirectRefused, RedirectUri};

pub use fetch::{FetchRefused, Fetched, Kind, check_head};
pub use hosts::{DocumentHosts, HostsRefused};
pub use kept::{Freshness, Kept};
pub use url::{DocumentUrl, DocumentUrlRefused};

const MAX_REDIRECT_URIS: usize = 16;
const MAX_NAME: usize = 80;

/// What is only shown elsewhere: checked, and never fetched or linked.
const METADATA_URIS: [&str; 4] = ["client_uri", "logo_uri", "policy_uri", "tos_uri"];

/// Why a document describes no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientDocumentRefused {
    /// Nothing that is served here and fits the keys.
    #[error("`token_endpoint_auth_method` must be none, or private_key_jwt with keys")]
    AuthMethod,
    /// The simple string comparison of the draft's §4.1.
    #[error("`client_id` must be the very URL of the document")]
    ClientId,
    /// A grant without the authorization code has no use for a redirect.
    #[error("`grant_types` must include authorization_code")]
    GrantTypes,
    /// Not a JWK Set of public keys.
    #[error("`jwks` {0}")]
    Jwks(ForeignKeysRefused),
    /// Two places for keys (RFC 7591 §2).
    #[error("`jwks` and `jwks_uri` exclude each other")]
    JwksTwice,
    /// Keys at an address that is not fetched.
    #[error("`jwks_uri` {0}")]
    JwksUri(DocumentUrlRefused),
    /// Nothing a person could recognise.
    #[error("`client_name` must be 1 to 80 characters without control characters")]
    Name,
    /// Not a JSON object.
    #[error("the document must be a JSON object")]
    Malformed,
    /// A link that a browser would not follow.
    #[error("`{0}` must be an http or https URL")]
    MetadataUri(&'static str),
    /// No redirect URI, or too many.
    #[error("`redirect_uris` must name 1 to 16 redirect URIs")]
    RedirectUris,
    /// A redirect URI against the policy.
    #[error("`redirect_uris[{index}]` {reason}")]
    RedirectUri {
        /// Which of them.
        index: usize,
        /// What is wrong with it.
        reason: RedirectRefused,
    },
    /// Only the code response exists in OAuth 2.1.
    #[error("`response_types` must include code")]
    ResponseTypes,
    /// Not a list of scopes.
    #[error("`scope` must be text")]
    Scope,
    /// A secret that everybody can read.
    #[error("`{0}` must not be in a document that everybody can read")]
    Secret(&'static str),
    /// A method that rests on a secret.
    #[error("`token_endpoint_auth_method` must not rest on a shared secret")]
    SharedSecret,
}

/// Why nothing is learned from an address that a client gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRefused {
    /// It is not fetched.
    #[error("its address {0}")]
    Url(#[from] DocumentUrlRefused),
    /// It cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchRefused),
    /// What is there is wrong.
    #[error(transparent)]
    Invalid(#[from] ClientDocumentRefused),
}

impl DocumentRefused {
    /// Whether asking again later helps.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Fetch(reason) if reason.is_outage())
    }
}

type Document = Map<String, Value>;

impl Client {
    /// The client that the document at `url` describes.
    ///
    /// A document is written for every server: grant types and response types that only others
    /// serve are ignored.
    pub fn documented(
        url: &DocumentUrl,
        document: &[u8],
        hosts: &DocumentHosts,
    ) -> Result<Self, ClientDocumentRefused> {
        let document: Document =
            serde_json::from_slice(document).map_err(|_| ClientDocumentRefused::Malformed)?;
        if document.get("client_id").and_then(Value::as_str) != Some(url.as_str()) {
            return Err(ClientDocumentRefused::ClientId);
        }
        for member in ["client_secret", "client_secret_expires_at"] {
            if document.contains_key(member) {
                return Err(ClientDocumentRefused::Secret(member));
            }
        }
        let name = name(&document)?;
        let redirect_uris = redirect_uris(&document)?;
        includes(&document, "grant_types", "authorization_code")
            .ok_or(ClientDocumentRefused::GrantTypes)?;
        includes(&document, "response_types", "code")
            .ok_or(ClientDocumentRefused::ResponseTypes)?;
        check_what_is_ignored(&document)?;
        let (method, credential) = authentication::negotiate(&document, hosts)?;
        Ok(Self {
            id: ClientId::new(url.as_str().to_owned()),
            kind: ClientKind::Document {
                host: url.authority().to_owned(),
            },
            name: Some(name),
            redirect_uris,
            methods: vec![method],
            credential,
            grant_types: GrantType::OF_PEOPLE.to_vec(),
            service: Service::default(),
        })
    }
}

fn name(document: &Document) -> Result<String, ClientDocumentRefused> {
    let name = document.get("client_name").and_then(Value::as_str);
    let fits = |name: &&str| {
        let length = name.chars().count();
        !name.trim().is_empty() && length <= MAX_NAME && !name.chars().any(char::is_control)
    };
    let name = name.filter(fits).ok_or(ClientDocumentRefused::Name)?;
    Ok(name.to_owned())
}

fn redirect_uris(document: &Document) -> Result<Vec<RedirectUri>, ClientDocumentRefused> {
    let uris = texts(document, "redirect_uris").flatten();
    let uris = uris.ok_or(ClientDocumentRefused::RedirectUris)?;
    if !(1..=MAX_REDIRECT_URIS).contains(&uris.len()) {
        return Err(ClientDocumentRefused::RedirectUris);
    }
    let parsed = uris.into_iter().enumerate().map(|(index, uri)| {
        RedirectUri::parse(uri)
            .map_err(|reason| ClientDocumentRefused::RedirectUri { index, reason })
    });
    parsed.collect()
}

/// The texts of an array: nothing inside where it is something else.
fn texts<'a>(document: &'a Document, member: &str) -> Option<Option<Vec<&'a str>>> {
    let value = document.get(member)?;
    Some(
        value
            .as_array()
            .and_then(|values| values.iter().map(Value::as_str).collect()),
    )
}

/// Whether an array that may be missing includes what we serve.
fn includes(document: &Document, member: &str, served: &str) -> Option<()> {
    match texts(document, member) {
        None => Some(()),
        Some(texts) => texts?.contains(&served).then_some(()),
    }
}

/// What has no effect here must at least be what it says it is.
fn check_what_is_ignored(document: &Document) -> Result<(), ClientDocumentRefused> {
    for member in METADATA_URIS {
        let Some(value) = document.get(member) else {
            continue;
        };
        let url = value.as_str().and_then(|text| ::url::Url::parse(text).ok());
        if !url.is_some_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(ClientDocumentRefused::MetadataUri(member));
        }
    }
    match document.get("scope") {
        None | Some(Value::String(_)) => Ok(()),
        Some(_) => Err(ClientDocumentRefused::Scope),
    }
}

#[cfg(test)]
mod tests;
