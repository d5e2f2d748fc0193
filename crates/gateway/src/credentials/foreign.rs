//! Tokens that others signed for this server: those of `[[issuer]]`, and of Cloudflare Access.
//!
//! *Invariant:* a token is verified with the keys of the one issuer that it names, and what is
//! remembered of it is judged anew at every call and verified anew every five minutes.

use std::sync::Arc;

use configuration::Issuer;
use host::{Audit, Cache, Caller, Chain, Clock};
use jose::{Algorithm, ForeignRefused};
use oauth::client_document::{DocumentHosts, DocumentUrl, DocumentUrlRefused};
use oauth::foreign_token::{self, Claims, Expected, ForeignTokenRefused, Window};
use oauth::{Resource, ServerIdentity, Source, Subject, Timestamp};

use super::key_set::KeySet;
use super::{Authenticated, Credential, CredentialRefused, Terms};
use crate::settings::Memory;

/// Somebody whose tokens are taken.
#[derive(Debug)]
pub(crate) struct Foreign {
    source: Source,
    issuer: String,
    audience: Vec<String>,
    algorithms: Vec<Algorithm>,
    terms: Terms,
    keys: KeySet,
    has_services: bool,
}

impl Foreign {
    /// An issuer of `postern.toml`, if its keys are at a host that is asked here.
    pub(super) fn issuer(
        written: Issuer,
        hosts: &DocumentHosts,
    ) -> Result<Self, DocumentUrlRefused> {
        let url = DocumentUrl::parse(&written.jwks_uri, hosts)?;
        Ok(Self {
            keys: KeySet {
                source: written.source.as_str().to_owned(),
                url,
            },
            source: written.source,
            issuer: written.issuer,
            audience: written.audience,
            algorithms: written.algorithms,
            terms: written.terms,
            has_services: false,
        })
    }

    /// Cloudflare Access, which also vouches for services: they have no `sub`, but a name.
    pub(super) fn access(
        written: Issuer,
        hosts: &DocumentHosts,
    ) -> Result<Self, DocumentUrlRefused> {
        Ok(Self {
            has_services: true,
            ..Self::issuer(written, hosts)?
        })
    }

    /// Whether it makes the tokens with this `iss`.
    pub(crate) fn is(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    /// Who calls with an assertion that comes in a place of its own.
    pub(super) async fn remembered<H>(
        &self,
        host: &H,
        memory: &Memory,
        at: (&ServerIdentity, &Resource),
        token: &str,
    ) -> Result<Arc<Authenticated>, CredentialRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        // Under its source: what was seen there is no bearer token.
        let hash = jose::sha256(format!("{} {token}", self.source.as_str()).as_bytes());
        if let Some(known) = memory.tokens.recall(&hash)
            && known.is_good(at, host.now())?
        {
            return Ok(known);
        }
        let verified = Arc::new(self.verify(host, memory, token, hash).await?);
        memory.tokens.remember(hash, Arc::clone(&verified));
        Ok(verified)
    }

    /// Who calls with this token.
    pub(crate) async fn verify<H>(
        &self,
        host: &H,
        memory: &Memory,
        token: &str,
        hash: [u8; 32],
    ) -> Result<Authenticated, CredentialRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let claims = self.verified(host, memory, token).await?;
        self.caller(&claims, hash, host.now())
    }

    async fn verified<H>(
        &self,
        host: &H,
        memory: &Memory,
        token: &str,
    ) -> Result<Claims, CredentialRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let keys = self.keys.keys(host, memory).await?;
        let mut verified = keys.verify(token, &self.algorithms);
        if verified == Err(ForeignRefused::UnknownKey)
            && let Some(keys) = self.keys.newer(host, memory).await?
        {
            verified = keys.verify(token, &self.algorithms);
        }
        let refused =
            |reason| CredentialRefused::Signature(self.source.as_str().to_owned(), reason);
        Ok(verified.map_err(refused)?.claims().clone())
    }

    fn caller(
        &self,
        claims: &Claims,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Authenticated, CredentialRefused> {
        let expected = Expected {
            issuer: Some(&self.issuer),
            audience: &self.audience,
        };
        let subject = || self.subject(claims);
        authenticated(
            &self.source,
            &self.terms,
            (claims, expected, hash),
            now,
            subject,
        )
    }

    fn subject(&self, claims: &Claims) -> Result<Subject, ForeignTokenRefused> {
        let person = foreign_token::subject(claims, &self.source, &["sub"]);
        match claims.get("common_name").and_then(|name| name.as_str()) {
            Some(name) if self.has_services && person.is_err() && !name.is_empty() => {
                Ok(Subject::new(&self.source, &format!("service:{name}"))?)
            }
            _ => person,
        }
    }
}

/// Who calls with a token of these claims, if they are as expected.
pub(super) fn authenticated(
    source: &Source,
    terms: &Terms,
    (claims, expected, hash): (&Claims, Expected<'_>, [u8; 32]),
    now: Timestamp,
    subject: impl FnOnce() -> Result<Subject, ForeignTokenRefused>,
) -> Result<Authenticated, CredentialRefused> {
    let refused = |reason| CredentialRefused::Claims(source.as_str().to_owned(), reason);
    let window = Window::of(claims, expected, now).map_err(refused)?;
    let subject = subject().map_err(refused)?;
    let scopes = foreign_token::scopes(claims, terms.scopes());
    // Another's client may be called like one of ours.
    let client = foreign_token::client(claims).map_or_else(
        || source.as_str().to_owned(),
        |client| format!("{}:{client}", source.as_str()),
    );
    Ok(Authenticated {
        caller: Caller {
            person: foreign_token::person(claims, subject, terms.roles(claims), &scopes),
            client_id: client,
            scopes,
            credential: None,
        },
        id: format!("{} {}", source.as_str(), jose::encode(hash)),
        credential: Credential::Foreign {
            source: source.clone(),
            window,
            verified_at: now,
        },
    })
}
