//! Access tokens in the shape of RFC 9068, and when one is good.
//!
//! *Invariant:* an [`AccessToken`] that anybody holds has been verified: signature, type, issuer,
//! audience and time.

use jose::{SignatureRefused, Signed, VerifyingKeys};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::grant::{Grant, GrantId, Lifetimes};
use crate::identity::{Issuer, ServerIdentity};
use crate::person::{Person, PersonClaims, Subject};
use crate::resource::{Resource, Resources};
use crate::revocation::Mark;
use crate::scope::{Scope, Scopes};
use crate::timestamp::Timestamp;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub(crate) iss: Issuer,
    pub(crate) sub: Subject,
    pub(crate) aud: Resources,
    pub(crate) client_id: String,
    pub(crate) scope: Scopes,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    pub(crate) jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gid: Option<GrantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "PersonClaims::is_empty")]
    claims: PersonClaims,
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

/// What an access token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What it may do.
    pub scopes: Scopes,
    /// Where.
    pub audience: Resources,
}

impl Claims {
    /// The claims for a client that holds `grant`.
    #[must_use]
    pub fn for_grant(grant: &Grant, client: &Client, access: Access, stamp: Stamp<'_>) -> Self {
        // The client sees its scopes; tools see a name only where the person agreed to that.
        let profile = access.scopes.contains(Scope::Profile);
        let person = &grant.person;
        Self {
            iss: grant.issuer.clone(),
            sub: person.subject.clone(),
            client_id: client.id().as_str().to_owned(),
            iat: stamp.now.as_seconds(),
            exp: stamp.expires_at(grant).as_seconds(),
            jti: jose::encode(stamp.jti),
            gid: Some(grant.id.clone()),
            name: person.name.clone().filter(|_| profile),
            email: person.email.clone().filter(|_| profile),
            roles: person.roles.clone(),
            claims: if profile {
                person.claims.clone()
            } else {
                PersonClaims::default()
            },
            aud: access.audience,
            scope: access.scopes,
        }
    }

    /// The claims for a client that acts in its own name (RFC 9068 §2.2).
    #[must_use]
    pub fn for_client(issuer: &Issuer, client: &Client, access: Access, stamp: Stamp<'_>) -> Self {
        Self {
            iss: issuer.clone(),
            sub: Subject::of_client(client.id()),
            client_id: client.id().as_str().to_owned(),
            iat: stamp.now.as_seconds(),
            exp: stamp.now.plus(stamp.lifetimes.access_token).as_seconds(),
            jti: jose::encode(stamp.jti),
            gid: None,
            name: client.name().map(str::to_owned),
            email: None,
            roles: Vec::new(),
            claims: PersonClaims::default(),
            aud: access.audience,
            scope: access.scopes,
        }
    }

    /// For how long, in seconds.
    #[must_use]
    pub const fn lifetime(&self) -> u64 {
        self.exp.saturating_sub(self.iat)
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
    /// The token that `text` is, if it is good at `resource` of this identity.
    pub fn verify(
        text: &str,
        keys: &VerifyingKeys<Claims>,
        at: (&ServerIdentity, &Resource),
        now: Timestamp,
    ) -> Result<Self, AccessRefused> {
        let token = Self(keys.verify(text)?);
        token.check(at, now)?;
        Ok(token)
    }

    /// The token that `text` is, wherever it is good: for whoever issued it.
    pub fn issued(
        text: &str,
        keys: &VerifyingKeys<Claims>,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Self, AccessRefused> {
        let token = Self(keys.verify(text)?);
        token.check_issuer(issuer)?;
        token.check_time(now)?;
        Ok(token)
    }

    /// Whether it is still good at `resource`, for one that was verified before.
    pub fn check(
        &self,
        at: (&ServerIdentity, &Resource),
        now: Timestamp,
    ) -> Result<(), AccessRefused> {
        let (server, resource) = at;
        self.check_issuer(server.issuer())?;
        // The older transport is another door to the same resource, so a token for that resource
        // opens it; a token for the older door alone opens nothing else.
        if !self.0.aud.contains(resource) && !self.opens_older_door(server, resource) {
            return Err(AccessRefused::WrongAudience);
        }
        self.check_time(now)
    }

    fn opens_older_door(&self, server: &ServerIdentity, resource: &Resource) -> bool {
        *resource != server.resource() && self.0.aud.contains(&server.resource())
    }

    fn check_issuer(&self, issuer: &Issuer) -> Result<(), AccessRefused> {
        if self.0.iss == *issuer {
            Ok(())
        } else {
            Err(AccessRefused::WrongIssuer)
        }
    }

    const fn check_time(&self, now: Timestamp) -> Result<(), AccessRefused> {
        if now.as_seconds() >= self.0.exp {
            return Err(AccessRefused::Expired);
        }
        if now.as_seconds().saturating_add(SKEW_SECONDS) < self.0.iat {
            return Err(AccessRefused::NotYet);
        }
        Ok(())
    }

    /// The claims, for introspection.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.0
    }

    /// What would revoke it: its grant's mark, if it is of one, and its own.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        let grant = self.0.gid.clone().map(Mark::Grant);
        grant.into_iter().chain([Mark::Token(self.0.jti.clone())])
    }

    /// When its time is over.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.exp)
    }

    /// The grant it comes from; nothing for a client's own.
    #[must_use]
    pub const fn grant(&self) -> Option<&GrantId> {
        self.0.gid.as_ref()
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
            claims: self.0.claims.clone(),
        }
    }
}
