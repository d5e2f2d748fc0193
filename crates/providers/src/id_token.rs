//! The rules of an ID token (OpenID Connect Core 1.0 §3.1.3.7).
//!
//! *Invariant:* a token that breaks any of them is nobody's, and its signature is checked before
//! a word of it is read.

use std::time::Duration;

use jose::{Algorithm, ForeignKeys, ForeignRefused};
use oauth::{MaxAge, Timestamp};
use serde_json::{Map, Value};

use crate::discovery::Discovered;
use crate::provider::Issuers;
use crate::tenant::{self, CONSUMERS, ORGANIZATIONS};
use crate::upstream::Upstream;

/// Clocks differ by this much.
const SKEW: Duration = Duration::from_mins(1);

/// What one sign-in expects of its ID token.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The nonce that was sent; nothing where a person is read anew.
    pub nonce: Option<&'a str>,
    /// The access token that came with it.
    pub access_token: &'a str,
    /// How long ago the person may have proved who they are.
    pub max_age: Option<MaxAge>,
    /// The moment.
    pub now: Timestamp,
}

/// Which rule an ID token breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenRefused {
    /// Of another access token.
    #[error("the ID token's `at_hash` is not that of the access token")]
    AccessToken,
    /// For another client.
    #[error("the ID token's `aud` does not name this client")]
    Audience,
    /// Too long ago.
    #[error("the ID token's `auth_time` is longer ago than the client allows")]
    AuthenticationTime,
    /// For several, and not to this client.
    #[error("the ID token's `azp` is another client")]
    AuthorizedParty,
    /// Over.
    #[error("the ID token is expired")]
    Expired,
    /// From another issuer.
    #[error("the ID token's `iss` is another issuer")]
    Issuer,
    /// Made in the future.
    #[error("the ID token's `iat` lies in the future")]
    IssuedAt,
    /// There is none.
    #[error("the provider's token answer has no ID token")]
    Missing,
    /// Of another sign-in.
    #[error("the ID token's `nonce` is not the one this sign-in began with")]
    Nonce,
    /// Not yet.
    #[error("the ID token's `nbf` lies in the future")]
    NotBefore,
    /// Nobody's.
    #[error("the ID token's `sub` is missing or empty")]
    Subject,
    /// Its signature.
    #[error("the ID token does not hold: {0}")]
    Signature(#[from] ForeignRefused),
    /// Of a tenant that is not listed.
    #[error("the ID token's `tid` is not a tenant that may sign in here")]
    Tenant,
}

impl IdTokenRefused {
    /// Whether newer keys of the provider may change it.
    #[must_use]
    pub fn wants_newer_keys(&self) -> bool {
        matches!(self, Self::Signature(ForeignRefused::UnknownKey))
    }
}

impl Upstream {
    /// The claims of a token that this provider signed for this sign-in.
    pub fn id_token(
        &self,
        token: &str,
        (known, keys): (&Discovered, &ForeignKeys),
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, IdTokenRefused> {
        let verified = keys.verify(token, &known.algorithms)?;
        let claims = verified.claims();
        self.check_issuer(known, claims)?;
        self.check_audience(claims)?;
        check_times(claims, expected.now)?;
        check_authentication(claims, expected)?;
        check_subject(claims)?;
        if expected
            .nonce
            .is_some_and(|nonce| text(claims, "nonce") != Some(nonce))
        {
            return Err(IdTokenRefused::Nonce);
        }
        check_access_token(claims, verified.algorithm(), expected.access_token)?;
        Ok(claims.clone())
    }

    /// The claims of an access token that this provider signed. It came from the token endpoint
    /// itself, and whom it is for is the business of the API that it opens.
    pub fn access_token(
        &self,
        token: &str,
        (known, keys): (&Discovered, &ForeignKeys),
        now: Timestamp,
    ) -> Result<Map<String, Value>, IdTokenRefused> {
        let verified = keys.verify(token, &known.algorithms)?;
        let claims = verified.claims();
        self.check_issuer(known, claims)?;
        check_times(claims, now)?;
        check_subject(claims)?;
        Ok(claims.clone())
    }

    fn check_issuer(
        &self,
        known: &Discovered,
        claims: &Map<String, Value>,
    ) -> Result<(), IdTokenRefused> {
        let named = text(claims, "iss").ok_or(IdTokenRefused::Issuer)?;
        let issuer = known.issuer.as_deref().ok_or(IdTokenRefused::Issuer)?;
        match self.provider.issuers {
            Issuers::Exactly(_) => {
                let ours = named == issuer || self.also.iter().any(|also| also == named);
                if ours {
                    Ok(())
                } else {
                    Err(IdTokenRefused::Issuer)
                }
            }
            Issuers::Tenant => {
                let tenant = text(claims, "tid").filter(|tid| tenant::is_id(tid));
                let tenant = tenant.ok_or(IdTokenRefused::Tenant)?;
                if named != issuer.replace(tenant::PLACEHOLDER, tenant)
                    || tenant::of_issuer(named).is_none_or(|(_, named)| named != tenant)
                {
                    return Err(IdTokenRefused::Issuer);
                }
                if !self.is_for(tenant) {
                    return Err(IdTokenRefused::Tenant);
                }
                let listed = self.wishes.tenants.as_ref();
                let is_listed = |tenants: &Vec<String>| {
                    tenants
                        .iter()
                        .any(|listed| listed.eq_ignore_ascii_case(tenant))
                };
                if listed.is_none_or(is_listed) {
                    Ok(())
                } else {
                    Err(IdTokenRefused::Tenant)
                }
            }
        }
    }

    /// Whether the name of a tenant that the operator set means this one: `organizations` are all
    /// but that of personal accounts, though one key signs for both.
    fn is_for(&self, tenant: &str) -> bool {
        let ours = self.issuer.as_deref().and_then(tenant::of_issuer);
        let for_work = ours.is_some_and(|(_, ours)| ours.eq_ignore_ascii_case(ORGANIZATIONS));
        !(for_work && tenant == CONSUMERS)
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), IdTokenRefused> {
        let audiences: Option<Vec<&str>> = match claims.get("aud") {
            Some(Value::String(one)) => Some(vec![one]),
            // RFC 7519 §4.1.3: text, every one of them.
            Some(Value::Array(several)) => several.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let audiences = audiences.unwrap_or_default();
        if !audiences.contains(&self.client_id.as_str()) {
            return Err(IdTokenRefused::Audience);
        }
        match said(claims, "azp") {
            None if audiences.len() == 1 => Ok(()),
            Some(Value::String(party)) if *party == self.client_id => Ok(()),
            _ => Err(IdTokenRefused::AuthorizedParty),
        }
    }
}

fn check_times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), IdTokenRefused> {
    let later = now.plus(SKEW).as_seconds();
    let moment = |name: &str| claims.get(name).and_then(seconds);
    let expires = moment("exp").ok_or(IdTokenRefused::Expired)?;
    if now.minus(SKEW).as_seconds() >= expires {
        return Err(IdTokenRefused::Expired);
    }
    if said(claims, "nbf").is_some_and(|from| seconds(from).is_none_or(|from| from > later)) {
        return Err(IdTokenRefused::NotBefore);
    }
    if moment("iat").is_none_or(|made| made > later) {
        return Err(IdTokenRefused::IssuedAt);
    }
    Ok(())
}

/// A provider that does not say when is trusted with what it was asked.
fn check_authentication(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<(), IdTokenRefused> {
    let now = expected.now.minus(SKEW);
    let allows = |(max_age, at): (MaxAge, &Value)| {
        let at = seconds(at).map(Timestamp::from_seconds);
        at.is_some_and(|at| max_age.allows(at, now))
    };
    let said = said(claims, "auth_time");
    if expected.max_age.zip(said).is_none_or(allows) {
        Ok(())
    } else {
        Err(IdTokenRefused::AuthenticationTime)
    }
}

fn check_subject(claims: &Map<String, Value>) -> Result<(), IdTokenRefused> {
    match text(claims, "sub") {
        None | Some("") => Err(IdTokenRefused::Subject),
        Some(_) => Ok(()),
    }
}

fn check_access_token(
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    access_token: &str,
) -> Result<(), IdTokenRefused> {
    match said(claims, "at_hash") {
        None => Ok(()),
        Some(Value::String(hash)) if *hash == algorithm.half_hash(access_token) => Ok(()),
        Some(_) => Err(IdTokenRefused::AccessToken),
    }
}

/// A time; some providers write fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float saturates, and no time that counts is out of range"
)]
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        value
            .as_f64()
            .filter(|time| *time >= 0.0)
            .map(|time| time as u64)
    })
}

/// A claim that says something: some providers write `null` for nothing.
fn said<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).filter(|value| !value.is_null())
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
