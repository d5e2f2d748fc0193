//! What the gateway takes besides our own access tokens: `authentication`, `[anonymous]`,
//! `[[issuer]]`, `[[api_key]]`, `[jwt]` and
//! `[access-self-hosted]`.
//!
//! *Invariant:* nothing here opens the door but the written `authentication = "none"`, and no key
//! or secret stands in the file: only the hash of one.

mod api_key;
mod issuer;
mod terms;
#[cfg(test)]
mod tests;
mod well_known;

use serde::Deserialize;
use toml::Spanned;

use crate::At;
use crate::sources::{SourceRefused, Sources};

pub use api_key::{ApiKey, ApiKeysRefused, VARIABLE as API_KEYS_VARIABLE, of_variable};
pub use issuer::Issuer;
pub use terms::{Shared, Terms};
pub use well_known::is_well_known;

pub(crate) use api_key::ApiKeyText;
pub(crate) use issuer::IssuerText;
pub(crate) use terms::{AnonymousText, SharedText, TermsText};

use api_key::ApiKeyRefused;
use issuer::IssuerRefused;
use terms::TermsRefused;

/// Whether somebody must show who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Authentication {
    /// Who shows nothing is nobody in particular. What is shown is still verified.
    None,
    /// Everybody must.
    #[default]
    Required,
}

/// What the gateway takes.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Whether somebody must show who they are.
    pub authentication: Authentication,
    /// What those may who show nothing.
    pub anonymous: Terms,
    /// Who else makes tokens for this server.
    pub issuers: Vec<Issuer>,
    /// The keys that were written down.
    pub api_keys: Vec<ApiKey>,
    /// Tokens of the shared secret.
    pub jwt: Shared,
    /// Cloudflare Access in front of this server.
    pub access: Terms,
}

/// Why one of them is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialRefused {
    #[error("API key `{0}`: {1}")]
    ApiKey(String, ApiKeyRefused),
    #[error("issuer `{0}`: {1}")]
    Issuer(String, IssuerRefused),
    #[error("two API keys are called `{0}`")]
    SameApiKey(String),
    #[error("two issuers have the `issuer` {0}, so its tokens would have two sources")]
    SameIssuer(String),
    #[error(transparent)]
    Source(#[from] SourceRefused),
    #[error("[{0}] {1}")]
    Terms(&'static str, TermsRefused),
}

/// What the file has.
#[derive(Deserialize)]
pub(crate) struct Text {
    #[serde(default)]
    authentication: Authentication,
    anonymous: Option<Spanned<AnonymousText>>,
    #[serde(default, rename = "issuer")]
    issuers: Vec<Spanned<IssuerText>>,
    #[serde(default, rename = "api_key")]
    api_keys: Vec<Spanned<ApiKeyText>>,
    jwt: Option<Spanned<SharedText>>,
    #[serde(rename = "access-self-hosted")]
    access: Option<Spanned<TermsText>>,
}

/// What the file says of credentials.
pub(crate) fn written(text: Text) -> At<Credentials> {
    let mut sources = Sources::default();
    Ok(Credentials {
        authentication: text.authentication,
        anonymous: refined("anonymous", text.anonymous, AnonymousText::terms)?,
        issuers: issuers(text.issuers, &mut sources)?,
        api_keys: api_keys(text.api_keys)?,
        jwt: refined("jwt", text.jwt, SharedText::shared)?,
        access: refined("access-self-hosted", text.access, TermsText::terms)?,
    })
}

/// A table that need not be there.
fn refined<T, R: Default>(
    table: &'static str,
    text: Option<Spanned<T>>,
    read: impl FnOnce(T) -> Result<R, TermsRefused>,
) -> At<R> {
    let Some(text) = text else {
        return Ok(R::default());
    };
    let position = text.span().start;
    let read = read(text.into_inner());
    read.map_err(|reason| (position, CredentialRefused::Terms(table, reason).into()))
}

fn issuers(texts: Vec<Spanned<IssuerText>>, sources: &mut Sources) -> At<Vec<Issuer>> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for text in texts {
        let position = text.span().start;
        let at = |reason: CredentialRefused| (position, reason.into());
        let text = text.into_inner();
        let name = text.name().to_owned();
        let source = sources.take(&name).map_err(|reason| at(reason.into()))?;
        let issuer = text.issuer(source);
        let issuer = issuer.map_err(|reason| at(CredentialRefused::Issuer(name, reason)))?;
        if issuers.iter().any(|other| other.issuer == issuer.issuer) {
            return Err(at(CredentialRefused::SameIssuer(issuer.issuer)));
        }
        issuers.push(issuer);
    }
    Ok(issuers)
}

fn api_keys(texts: Vec<Spanned<ApiKeyText>>) -> At<Vec<ApiKey>> {
    let mut keys: Vec<ApiKey> = Vec::new();
    for text in texts {
        let position = text.span().start;
        let at = |reason: CredentialRefused| (position, reason.into());
        let text = text.into_inner();
        let name = text.name().to_owned();
        let key = text.api_key();
        let key = key.map_err(|reason| at(CredentialRefused::ApiKey(name, reason)))?;
        if keys.iter().any(|other| other.name() == key.name()) {
            return Err(at(CredentialRefused::SameApiKey(key.name().to_owned())));
        }
        keys.push(key);
    }
    Ok(keys)
}
