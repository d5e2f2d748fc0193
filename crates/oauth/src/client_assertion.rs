//! Client authentication with a signed assertion, `private_key_jwt` (RFC 7523 §2.2 and §3,
//! OpenID Connect Core §9).
//!
//! *Invariant:* a [`ClientAssertion`] was signed by a key of the client that it names, for this
//! server and nobody else, and is fresh; whether its `jti` was seen before is a store's to say.

use std::time::Duration;

use jose::{Algorithm, ForeignKeys, ForeignRefused, Verified};
use serde_json::{Map, Value};

use crate::identity::ServerIdentity;
use crate::parameters::Parameters;
use crate::timestamp::Timestamp;

/// The only `client_assertion_type` there is here (RFC 7523 §2.2).
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What metadata lists as `token_endpoint_auth_signing_alg_values_supported`.
pub const ALGORITHMS: &[Algorithm] = &Algorithm::ALL;

/// The clocks of clients are not ours; RFC 7519 §4.1.4 speaks of "a few minutes" at most.
const SKEW: Duration = Duration::from_secs(60);

/// How far ahead `exp` may be. Client libraries choose one to ten minutes; whoever finds an
/// assertion has as long to use it, and a store keeps its `jti` as long (RFC 7523 §3, 4 and 7).
const LONGEST: Duration = Duration::from_secs(10 * 60);

const MAX_JTI: usize = 255;

/// Why an assertion does not authenticate its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientAssertionRefused {
    /// RFC 7523 §3, 3; also one that is meant for others besides us.
    #[error(
        "the assertion's `aud` must be this server's issuer, or the endpoint, and name no other"
    )]
    Audience,
    /// RFC 7523 §3, 4.
    #[error("the assertion is expired: look at `exp`, and at the clock")]
    Expired,
    /// RFC 7523 §3, 4.
    #[error("the assertion's `exp` must be a time, at most ten minutes ahead")]
    Expiry,
    /// RFC 7523 §3, 6.
    #[error("the assertion's `iat` must be a time that has come: look at the clock")]
    IssuedAt,
    /// RFC 7523 §3, 1.
    #[error("the assertion's `iss` must be the client id")]
    Issuer,
    /// RFC 7523 §3, 7; demanded here, since an assertion counts once.
    #[error("the assertion's `jti` must be a text of 1 to 255 characters")]
    JwtId,
    /// One parameter came without the other.
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    /// RFC 7523 §3, 5.
    #[error("the assertion's `nbf` must be a time that has come: look at the clock")]
    NotBefore,
    /// RFC 7521 §4.2.
    #[error("the parameter `client_id` is not the `sub` of the assertion")]
    OtherClient,
    /// Not signed by one of the client's keys.
    #[error("the parameter `client_assertion` is refused: {0}")]
    Signature(#[from] ForeignRefused),
    /// RFC 7523 §3, 2.
    #[error("the assertion's `sub` must be the client id")]
    Subject,
    /// A token that was made for something else.
    #[error("the assertion's header `typ` must be JWT or client-authentication+jwt")]
    TokenType,
    /// Another kind of assertion.
    #[error("the parameter `client_assertion_type` must be {CLIENT_ASSERTION_TYPE}")]
    Type,
}

/// An assertion as it was presented: it says who the client is, and nothing vouches for it yet.
#[derive(Clone, Debug)]
pub struct PresentedAssertion {
    jwt: Unprinted,
    unverified_client_id: String,
}

/// A good assertion is as good as a password until it is used.
#[derive(Clone)]
struct Unprinted(String);

impl std::fmt::Debug for Unprinted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Unprinted(..)")
    }
}

/// What an assertion must agree with.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The client whose keys these are.
    pub client_id: &'a str,
    /// What the client may sign with: [`ALGORITHMS`], or the one that it registered.
    pub algorithms: &'a [Algorithm],
    /// This server.
    pub server: &'a ServerIdentity,
    /// The path that was called, such as `/token`.
    pub path: &'a str,
}

/// An assertion that authenticates its client once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAssertion {
    client_id: String,
    jti: String,
    expires_at: Timestamp,
}

impl PresentedAssertion {
    /// The assertion among the parameters of a request, if it brings one.
    pub fn parse(parameters: &Parameters) -> Result<Option<Self>, ClientAssertionRefused> {
        let value = |name: &'static str| {
            let value = parameters.value(name);
            value.ok_or(ClientAssertionRefused::Missing(name))
        };
        let (kind, jwt) = (value("client_assertion_type"), value("client_assertion"));
        if kind.is_err() && jwt.is_err() {
            return Ok(None);
        }
        if kind? != CLIENT_ASSERTION_TYPE {
            return Err(ClientAssertionRefused::Type);
        }
        let jwt = jwt?;
        let claims = jose::unverified_claims(jwt)?;
        let subject = text(&claims, "sub").ok_or(ClientAssertionRefused::Subject)?;
        if parameters
            .value("client_id")
            .is_some_and(|id| id != subject)
        {
            return Err(ClientAssertionRefused::OtherClient);
        }
        Ok(Some(Self {
            unverified_client_id: subject.to_owned(),
            jwt: Unprinted(jwt.to_owned()),
        }))
    }

    /// The client that it claims to come from, to find that client's keys.
    #[must_use]
    pub fn unverified_client_id(&self) -> &str {
        &self.unverified_client_id
    }

    /// The proof, if one of the client's `keys` signed it and every claim is as it must be.
    pub fn verify(
        &self,
        keys: &ForeignKeys,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<ClientAssertion, ClientAssertionRefused> {
        let verified = keys.verify(&self.jwt.0, expected.algorithms)?;
        check_type(&verified)?;
        let claims = verified.claims();
        check_client(claims, expected.client_id)?;
        check_audience(claims, expected)?;
        let expires_at = check_times(claims, now)?;
        let jti = text(claims, "jti")
            .filter(|jti| (1..=MAX_JTI).contains(&jti.chars().count()))
            .ok_or(ClientAssertionRefused::JwtId)?;
        Ok(ClientAssertion {
            client_id: expected.client_id.to_owned(),
            jti: jti.to_owned(),
            expires_at,
        })
    }
}

impl ClientAssertion {
    /// The client that it authenticates.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// What makes it differ from every other of this client.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// From when on it is refused without looking at its `jti`, which may then be forgotten.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// RFC 8725 §3.11 and draft-ietf-oauth-rfc7523bis: a typed token is of the type that it says.
fn check_type(verified: &Verified) -> Result<(), ClientAssertionRefused> {
    let Some(typ) = verified.typ() else {
        return Ok(());
    };
    // RFC 7515 §4.1.9: media types know no case, and their prefix may be left out.
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" | "client-authentication+jwt" => Ok(()),
        _ => Err(ClientAssertionRefused::TokenType),
    }
}

fn check_client(
    claims: &Map<String, Value>,
    client_id: &str,
) -> Result<(), ClientAssertionRefused> {
    if text(claims, "iss") != Some(client_id) {
        return Err(ClientAssertionRefused::Issuer);
    }
    if text(claims, "sub") != Some(client_id) {
        return Err(ClientAssertionRefused::Subject);
    }
    Ok(())
}

/// Our issuer, as draft-ietf-oauth-rfc7523bis wants it, or, as RFC 7523 §3 and OpenID Connect Core
/// §9 have it, the token endpoint or the endpoint that was called. Were others allowed beside us,
/// a server that a client trusts less could have an assertion made that also counts here.
fn check_audience(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<(), ClientAssertionRefused> {
    let server = expected.server;
    let ours = [
        server.issuer().as_str().to_owned(),
        server.url("/token"),
        server.url(expected.path),
    ];
    let is_ours = |audience: &Value| ours.iter().any(|ours| audience == ours.as_str());
    let good = match claims.get("aud") {
        Some(Value::Array(audiences)) => !audiences.is_empty() && audiences.iter().all(is_ours),
        Some(audience) => is_ours(audience),
        None => false,
    };
    if good {
        Ok(())
    } else {
        Err(ClientAssertionRefused::Audience)
    }
}

/// Every time that is claimed, and until when the assertion is taken.
fn check_times(
    claims: &Map<String, Value>,
    now: Timestamp,
) -> Result<Timestamp, ClientAssertionRefused> {
    let expiry = claims
        .get("exp")
        .and_then(numeric_date)
        .ok_or(ClientAssertionRefused::Expiry)?;
    let expires_at = expiry.plus(SKEW);
    if now >= expires_at {
        return Err(ClientAssertionRefused::Expired);
    }
    if expiry > now.plus(LONGEST).plus(SKEW) {
        return Err(ClientAssertionRefused::Expiry);
    }
    let has_come = |name: &str| {
        let date = claims.get(name);
        date.is_none_or(|date| numeric_date(date).is_some_and(|date| date <= now.plus(SKEW)))
    };
    if !has_come("nbf") {
        return Err(ClientAssertionRefused::NotBefore);
    }
    if !has_come("iat") {
        return Err(ClientAssertionRefused::IssuedAt);
    }
    Ok(expires_at)
}

/// Seconds since the epoch, which may have a fraction (RFC 7519 §2).
fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_u64() {
        return Some(Timestamp::from_seconds(seconds));
    }
    let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0)?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .map(|since_epoch| Timestamp::default().plus(since_epoch))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
