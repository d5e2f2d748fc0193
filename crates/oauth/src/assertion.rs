//! What a component behind the gateway is told of who is calling, signed.
//!
//! *Invariant:* it speaks to one component, for a minute, and the client's own token is no part of
//! it (2026-07-28, Authorization, Token Passthrough).

use std::time::Duration;

use jose::{SignatureRefused, Signed, VerifyingKeys};
use serde::{Deserialize, Serialize};

use crate::{Issuer, Person, PersonClaims, Scopes, Subject, Timestamp};

/// For this long a component believes it.
const LIFETIME: Duration = Duration::from_mins(1);

/// The claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    iss: Issuer,
    sub: Subject,
    aud: String,
    client_id: String,
    scope: Scopes,
    iat: u64,
    exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "PersonClaims::is_empty")]
    claims: PersonClaims,
}

impl Signed for Assertion {
    const TYP: &'static str = "assertion+jwt";
}

/// Who calls, through which client, and what it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calling {
    /// The person.
    pub person: Person,
    /// The client they use.
    pub client_id: String,
    /// What they let it do.
    pub scopes: Scopes,
}

/// Why a component does not believe an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefused {
    /// Its minute is over.
    #[error("the assertion is expired")]
    Expired,
    /// It speaks to another component.
    #[error("the assertion is for another component")]
    OtherComponent,
    /// Not signed by the gateway.
    #[error("the assertion is not the gateway's")]
    Signature(#[from] SignatureRefused),
}

impl Assertion {
    /// What `component` is told from `now` on.
    #[must_use]
    pub fn new(issuer: &Issuer, calling: Calling, component: &str, now: Timestamp) -> Self {
        let Calling {
            person,
            client_id,
            scopes,
        } = calling;
        Self {
            iss: issuer.clone(),
            sub: person.subject,
            aud: component.to_owned(),
            client_id,
            scope: scopes,
            iat: now.as_seconds(),
            exp: now.plus(LIFETIME).as_seconds(),
            name: person.name,
            email: person.email,
            roles: person.roles,
            claims: person.claims,
        }
    }

    /// What the gateway says to `component` now.
    pub fn verify(
        text: &str,
        keys: &VerifyingKeys<Self>,
        component: &str,
        now: Timestamp,
    ) -> Result<Self, AssertionRefused> {
        let claims = keys.verify(text)?;
        claims.check(component, now)?;
        Ok(claims)
    }

    /// Whether it speaks to `component`, and still does: for one whose signature was verified
    /// before.
    pub fn check(&self, component: &str, now: Timestamp) -> Result<(), AssertionRefused> {
        if self.aud != component {
            Err(AssertionRefused::OtherComponent)
        } else if now.as_seconds() >= self.exp {
            Err(AssertionRefused::Expired)
        } else {
            Ok(())
        }
    }

    /// Who calls.
    #[must_use]
    pub fn into_calling(self) -> Calling {
        Calling {
            person: Person {
                subject: self.sub,
                name: self.name,
                email: self.email,
                roles: self.roles,
                claims: self.claims,
            },
            client_id: self.client_id,
            scopes: self.scope,
        }
    }
}
