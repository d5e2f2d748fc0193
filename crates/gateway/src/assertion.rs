//! What a server behind us is told of who is calling, signed.
//!
//! *Invariant:* it speaks to one component, for a minute, and the client's own token is no part of
//! it (2026-07-28, Authorization, Token Passthrough).

use std::time::Duration;

use host::Caller;
use jose::{SignatureRefused, Signed, VerifyingKeys};
use oauth::{Issuer, Person, PersonClaims, Scopes, ServerIdentity, Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::credentials::Authenticated;
use crate::settings::Settings;

/// For this long a server believes it.
const LIFETIME: Duration = Duration::from_mins(1);
/// For this long we hand out the same one: a signature costs 0.2 ms.
const REUSE: Duration = Duration::from_secs(30);

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

/// An assertion that was signed, and when.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    text: String,
    at: Timestamp,
}

impl Assertion {
    /// Who calls `component`, if the gateway says so now.
    pub fn verify(
        text: &str,
        keys: &VerifyingKeys<Self>,
        component: &str,
        now: Timestamp,
    ) -> Result<Caller, AssertionRefused> {
        let claims = keys.verify(text)?;
        if claims.aud != component {
            return Err(AssertionRefused::OtherComponent);
        }
        if now.as_seconds() >= claims.exp {
            return Err(AssertionRefused::Expired);
        }
        Ok(Caller {
            person: Person {
                subject: claims.sub,
                name: claims.name,
                email: claims.email,
                roles: claims.roles,
                claims: claims.claims,
            },
            client_id: claims.client_id,
            scopes: claims.scope,
            credential: None,
        })
    }

    fn new(server: &ServerIdentity, caller: &Caller, component: &str, now: Timestamp) -> Self {
        let Caller {
            person,
            client_id,
            scopes,
            credential: _,
        } = caller.clone();
        Self {
            iss: server.issuer().clone(),
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
}

/// An assertion for `component`, from half a minute ago at most.
///
/// It is remembered by the credential, which stands for one person and client, and by the identity
/// that was reached, since a key is good for every one.
pub(crate) fn for_component(
    settings: &Settings,
    server: &ServerIdentity,
    caller: &Authenticated,
    component: &str,
    now: Timestamp,
) -> Option<String> {
    let issuer = server.issuer().as_str();
    let key = (format!("{issuer} {}", caller.id), component.to_owned());
    if let Some(made) = settings.memory().assertions.recall(&key)
        && made.at <= now
        && now.since(made.at) < REUSE
    {
        return Some(made.text);
    }
    let claims = Assertion::new(server, &caller.caller, component, now);
    let text = settings.assertions().sign(&claims)?;
    let made = Made {
        text: text.clone(),
        at: now,
    };
    settings.memory().assertions.remember(key, made);
    Some(text)
}
