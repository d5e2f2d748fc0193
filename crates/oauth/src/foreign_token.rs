//! Tokens that others made for this server, once their signature holds (RFC 7519 §4.1).
//!
//! *Invariant:* a token without an end is refused, and who it speaks of is a person of the source
//! that we name, whatever else it says.

use serde_json::{Map, Value};

use crate::person::{Person, PersonClaims, Role, Source, Subject, SubjectRefused};
use crate::scope::{Scope, Scopes};
use crate::timestamp::Timestamp;

/// Two clocks may be this far apart.
const SKEW_SECONDS: u64 = 60;
/// A longer name is nobody's.
const MAX_LABEL: usize = 200;

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who made it, to the letter; nothing where a shared secret already says that.
    pub issuer: Option<&'a str>,
    /// For whom: one of these; where none is listed, nobody is asked for.
    pub audience: &'a [String],
}

/// Why a token is not good here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignTokenRefused {
    /// Its time is over.
    #[error("the token is expired")]
    Expired,
    /// It would be good for ever.
    #[error("the token has no `exp`: a token that never ends is not taken")]
    ExpiryMissing,
    /// Issued in the future: a clock is wrong, or worse.
    #[error("the token's `iat` is in the future")]
    IssuedLater,
    /// A claim that is none.
    #[error("the token's `{0}` is not what RFC 7519 says it must be")]
    Malformed(&'static str),
    /// Not yet.
    #[error("the token is not valid yet")]
    NotYet,
    /// Nobody, or somebody without a name that can be kept.
    #[error("the token's subject: {0}")]
    Subject(#[from] SubjectRefused),
    /// It speaks of nobody.
    #[error("the token says of nobody who they are")]
    SubjectMissing,
    /// For another server.
    #[error("the token was made for somebody else: its `aud` names nobody who is configured")]
    WrongAudience,
    /// By somebody else.
    #[error("the token's `iss` is not the configured issuer")]
    WrongIssuer,
}

/// From when to when a token is good, for it is asked again at every use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    not_before: u64,
    issued_at: u64,
    expires_at: u64,
}

impl Window {
    /// The window of a token whose claims are as expected, if it is open now.
    pub fn of(
        claims: &Claims,
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Self, ForeignTokenRefused> {
        if let Some(issuer) = expected.issuer
            && claims.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(ForeignTokenRefused::WrongIssuer);
        }
        if !expected.audience.is_empty() && !is_for(claims, expected.audience) {
            return Err(ForeignTokenRefused::WrongAudience);
        }
        let window = Self {
            not_before: date(claims, "nbf")?.unwrap_or_default(),
            issued_at: date(claims, "iat")?.unwrap_or_default(),
            expires_at: date(claims, "exp")?.ok_or(ForeignTokenRefused::ExpiryMissing)?,
        };
        window.check(now)?;
        Ok(window)
    }

    /// Whether it is open.
    pub const fn check(self, now: Timestamp) -> Result<(), ForeignTokenRefused> {
        let now = now.as_seconds();
        if now >= self.expires_at.saturating_add(SKEW_SECONDS) {
            return Err(ForeignTokenRefused::Expired);
        }
        let soon = now.saturating_add(SKEW_SECONDS);
        if soon < self.not_before {
            return Err(ForeignTokenRefused::NotYet);
        }
        if soon < self.issued_at {
            return Err(ForeignTokenRefused::IssuedLater);
        }
        Ok(())
    }
}

/// RFC 7519 §4.1.3: `aud` is one or a list.
fn is_for(claims: &Claims, audience: &[String]) -> bool {
    let listed = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| audience.iter().any(|known| known == text))
    };
    match claims.get("aud") {
        Some(Value::Array(values)) => values.iter().any(listed),
        Some(value) => listed(value),
        None => false,
    }
}

/// RFC 7519 §2, NumericDate: seconds, which may have a fraction.
fn date(claims: &Claims, name: &'static str) -> Result<Option<u64>, ForeignTokenRefused> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let malformed = ForeignTokenRefused::Malformed(name);
    if let Some(seconds) = value.as_u64() {
        return Ok(Some(seconds));
    }
    let seconds = value.as_f64().ok_or(malformed)?;
    if !(0.0..=1e15).contains(&seconds) {
        return Err(malformed);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bounds above make it a whole number of seconds"
    )]
    let whole = seconds as u64;
    Ok(Some(whole))
}

/// Who `source` says that a token speaks of: the first of the claims `names` that is there.
pub fn subject(
    claims: &Claims,
    source: &Source,
    names: &[&str],
) -> Result<Subject, ForeignTokenRefused> {
    let told = names.iter().find_map(|name| match claims.get(*name) {
        Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
        Some(Value::Number(id)) if id.is_u64() => Some(id.to_string()),
        _ => None,
    });
    let id = told.ok_or(ForeignTokenRefused::SubjectMissing)?;
    Ok(Subject::new(source, &id)?)
}

/// The client that a token was given to (RFC 9068 §2.2, OpenID Connect Core §2), if it says so.
#[must_use]
pub fn client(claims: &Claims) -> Option<&str> {
    let names = ["client_id", "azp", "cid"];
    names.iter().find_map(|name| label(claims, name))
}

/// What a token may do: what it says in our words, if it says anything in them, and otherwise what
/// the operator gives to tokens like it.
///
/// A scope of somebody else's, even of the same name as one of ours such as `profile`, says nothing
/// of tools; one that begins with `mcp:` was asked for here.
#[must_use]
pub fn scopes(claims: &Claims, otherwise: &Scopes) -> Scopes {
    let named: Vec<&str> = ["scope", "scp"]
        .iter()
        .filter_map(|name| claims.get(*name))
        .flat_map(|value| match value {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            Value::String(text) => text.split(' ').collect::<Vec<_>>(),
            _ => Vec::new(),
        })
        .collect();
    if named.iter().any(|name| name.starts_with("mcp:")) {
        let known = Scopes::known(&named.join(" "));
        let of_resource = known
            .iter()
            .filter(|known| Scope::OF_RESOURCE.contains(known));
        of_resource.collect()
    } else {
        otherwise.clone()
    }
}

/// The person that a token speaks of; what they are called is shown where `scopes` let it be.
#[must_use]
pub fn person(claims: &Claims, subject: Subject, roles: Vec<Role>, scopes: &Scopes) -> Person {
    let profile = scopes.contains(Scope::Profile);
    let told = |name: &str| label(claims, name).filter(|_| profile).map(str::to_owned);
    // OpenID Connect Core §5.1: an address that its source does not vouch for may be anybody's.
    let unverified = claims.get("email_verified") == Some(&Value::Bool(false));
    Person {
        subject,
        name: told("name"),
        email: told("email").filter(|_| !unverified),
        roles,
        // More than can be carried is left out, rather than the person turned away.
        claims: PersonClaims::chosen(claims, &[])
            .ok()
            .filter(|_| profile)
            .unwrap_or_default(),
    }
}

/// A short text without control characters.
fn label<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    let text = claims.get(name)?.as_str()?;
    let plain = (1..=MAX_LABEL).contains(&text.len()) && !text.chars().any(char::is_control);
    plain.then_some(text)
}

#[cfg(test)]
mod tests;
