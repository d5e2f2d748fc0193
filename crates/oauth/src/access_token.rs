//! Access tokens in the shape of RFC 9068, and when one is good.
//!
//! *Invariant:* an [`AccessToken`] that anybody holds has been verified: signature, type, issuer,
//! audience and time.

use jose::{SignatureRefused, Signed, VerifyingKeys};
use serde::{Deserialize, Serialize};

use crate::grant::{Grant, GrantId, Lifetimes};
use crate::identity::{Issuer, Resource, ServerIdentity};
use crate::person::{Person, Subject};
use crate::scope::{Scope, Scopes};
use crate::timestamp::Timestamp;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: Issuer,
    sub: Subject,
    aud: Resource,
    client_id: String,
    scope: Scopes,
    iat: u64,
    exp: u64,
    jti: String,
    gid: GrantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
}

impl Signed for Claims {
    // RFC 9068 §2.1.
    const TYP: &'static str = "at+jwt";
}

/// Why an access token is not good here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefused {
    /// Its time is over.
    #[error("the access token is expired")]
    Expired,
    /// Issued in the future: a clock is wrong, or worse.
    #[error("the access token is not valid yet")]
    NotYet,
    /// Not signed by us, or not an access token.
    #[error("the access token is not one of this server's")]
    Signature(#[from] SignatureRefused),
    /// For another server.
    #[error("the access token is for another resource")]
    WrongAudience,
    /// By another server.
    #[error("the access token is from another issuer")]
    WrongIssuer,
}

/// An access token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken(Claims);

impl Claims {
    /// The claims for a client that holds `grant`.
    #[must_use]
    pub fn for_grant(grant: &Grant, client_id: &str, scopes: &Scopes, stamp: Stamp<'_>) -> Self {
        // The client sees its scopes; tools see a name only where the person agreed to that.
        let profile = scopes.contains(Scope::Profile);
        Self {
            iss: grant.issuer.clone(),
            sub: grant.person.subject.clone(),
            aud: grant.resource.clone(),
            client_id: client_id.to_owned(),
            scope: scopes.clone(),
            iat: stamp.now.as_seconds(),
            exp: stamp.expires_at(grant).as_seconds(),
            jti: jose::encode(stamp.jti),
            gid: grant.id.clone(),
            name: grant.person.name.clone().filter(|_| profile),
            email: grant.person.email.clone().filter(|_| profile),
            roles: grant.person.roles.clone(),
        }
    }
}

/// What makes one token differ from the next.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// Random.
    pub jti: [u8; 16],
    /// When it is issued.
    pub now: Timestamp,
    /// How long it lives.
    pub lifetimes: &'a Lifetimes,
}

impl Stamp<'_> {
    /// When a token of `grant` ends: with its own lifetime, or with the grant if that is sooner.
    #[must_use]
    pub fn expires_at(&self, grant: &Grant) -> Timestamp {
        self.now
            .plus(self.lifetimes.access_token)
            .min(grant.expires_at)
    }
}

/// Clocks of one deployment's machines may differ by this much.
const SKEW_SECONDS: u64 = 30;

impl AccessToken {
    /// The token that `text` is, if it is good at this identity.
    pub fn verify(
        text: &str,
        keys: &VerifyingKeys<Claims>,
        server: &ServerIdentity,
        now: Timestamp,
    ) -> Result<Self, AccessRefused> {
        let token = Self(keys.verify(text)?);
        token.check(server, now)?;
        Ok(token)
    }

    /// Whether it is still good, for one that was verified before.
    pub fn check(&self, server: &ServerIdentity, now: Timestamp) -> Result<(), AccessRefused> {
        if self.0.iss != *server.issuer() {
            return Err(AccessRefused::WrongIssuer);
        }
        if self.0.aud != server.resource() {
            return Err(AccessRefused::WrongAudience);
        }
        if now.as_seconds() >= self.0.exp {
            return Err(AccessRefused::Expired);
        }
        if now.as_seconds().saturating_add(SKEW_SECONDS) < self.0.iat {
            return Err(AccessRefused::NotYet);
        }
        Ok(())
    }

    /// The grant it comes from.
    #[must_use]
    pub const fn grant(&self) -> &GrantId {
        &self.0.gid
    }

    /// Its own id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.jti
    }

    /// The client it was issued to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// What it may do.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.0.scope
    }

    /// Who is calling.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            subject: self.0.sub.clone(),
            name: self.0.name.clone(),
            email: self.0.email.clone(),
            roles: self.0.roles.clone(),
        }
    }
}
