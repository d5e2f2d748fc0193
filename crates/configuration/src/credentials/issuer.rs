//! Who else makes tokens for this server: `[[issuer]]`.
//!
//! *Invariant:* a token of another issuer counts only if it was made for an audience that the
//! operator wrote down (2026-07-28, Authorization, Token Passthrough).

use jose::Algorithm;
use oauth::Source;
use oauth::client_document::{DocumentHosts, DocumentUrl, DocumentUrlRefused};
use providers::RoleMap;
use serde::Deserialize;

use crate::names::Names;

use super::terms::{Terms, TermsRefused, TermsText};

/// Somebody who makes tokens for this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// What its people's subjects begin with.
    pub source: Source,
    /// The very text of the claim `iss`.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// What the claim `aud` must name: one of these.
    pub audience: Vec<String>,
    /// What it may sign with.
    pub algorithms: Vec<Algorithm>,
    /// What its people may.
    pub terms: Terms,
}

/// Why an issuer is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IssuerRefused {
    #[error(
        "`algorithms`: `{0}` is none that a public key verifies; known are {known}",
        known = Algorithm::ALL.map(Algorithm::as_str).join(", ")
    )]
    Algorithm(String),
    #[error("`issuer` must be the very text of the tokens' claim `iss`")]
    Issuer,
    #[error("`jwks_uri` {0}")]
    JwksUri(DocumentUrlRefused),
    #[error(transparent)]
    Terms(#[from] TermsRefused),
}

#[derive(Deserialize)]
pub(crate) struct IssuerText {
    name: String,
    issuer: String,
    jwks_uri: String,
    audience: Names,
    role_claim: Option<String>,
    roles: Option<RoleMap>,
    scope: Option<String>,
    algorithms: Option<Names>,
}

impl IssuerText {
    pub(crate) const KEYS: [&'static str; 8] = [
        "name",
        "issuer",
        "jwks_uri",
        "audience",
        "role_claim",
        "roles",
        "scope",
        "algorithms",
    ];

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn issuer(self, source: Source) -> Result<Issuer, IssuerRefused> {
        if self.issuer.is_empty() || self.issuer.chars().any(char::is_whitespace) {
            return Err(IssuerRefused::Issuer);
        }
        check_jwks_uri(&self.jwks_uri).map_err(IssuerRefused::JwksUri)?;
        let terms = TermsText {
            role_claim: self.role_claim,
            roles: self.roles,
            scope: self.scope,
        };
        Ok(Issuer {
            source,
            issuer: self.issuer,
            jwks_uri: self.jwks_uri,
            audience: self.audience.into(),
            algorithms: algorithms(self.algorithms)?,
            terms: terms.terms()?,
        })
    }
}

/// Whether an address can be fetched at all. Its host is the operator's choice; whether this
/// server connects to it is for variables to say.
fn check_jwks_uri(text: &str) -> Result<(), DocumentUrlRefused> {
    let authority = text.split(['/', '?', '#']).nth(2).unwrap_or_default();
    let hosts = DocumentHosts::read(true, authority).or_else(|_| DocumentHosts::read(true, ""));
    let hosts = hosts.map_err(|_| DocumentUrlRefused::HostName)?;
    DocumentUrl::parse(text, &hosts).map(drop)
}

fn algorithms(names: Option<Names>) -> Result<Vec<Algorithm>, IssuerRefused> {
    let Some(names) = names else {
        return Ok(Algorithm::ALL.to_vec());
    };
    let named = |name: &String| {
        Algorithm::named(name).ok_or_else(|| IssuerRefused::Algorithm(name.clone()))
    };
    names.as_slice().iter().map(named).collect()
}
