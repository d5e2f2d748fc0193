//! Compact JWTs that others signed (RFC 7519), verified with the JWK Set that they publish
//! (RFC 7517).
//!
//! *Invariant:* a token never chooses its own key or algorithm: keys come from the set alone, and
//! the key's type, the key's `alg` and the caller's list must all agree with the token's header.

mod algorithm;
mod jwk;
mod material;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::compact::{Compact, CompactRefused};
use crate::json;

pub use algorithm::Algorithm;
pub use json::object as json_object;
pub use jwk::JwkRefused;

use jwk::{Form, Jwk};

/// A JWK Set that is larger than this is not read.
const MAX_SET_BYTES: usize = 64 * 1024;
/// Nor one with more keys.
const MAX_KEYS: usize = 32;
/// As many signatures are checked for one token, so that nobody buys many for the price of one.
const MAX_TRIES: usize = 8;

/// Somebody else's public keys.
#[derive(Clone, Debug)]
pub struct ForeignKeys(Vec<Jwk>);

/// Why a JWK Set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignKeysRefused {
    /// One key is bad, by its place in the set.
    #[error("`keys[{index}]` {reason}")]
    Key {
        /// Which of them, from 0.
        index: usize,
        /// What is wrong with it.
        reason: JwkRefused,
    },
    /// Not an object with a list of keys.
    #[error("the key set must be a JSON object whose member `keys` is a list (RFC 7517 section 5)")]
    Malformed,
    /// Nothing to verify with.
    #[error(
        "the key set holds no key that signs: add an Ed25519, P-256 or P-384 key, or an RSA key of \
         2048 to 4096 bits"
    )]
    NoKey,
    /// Too many bytes.
    #[error("the key set must have 65536 bytes at most")]
    TooLarge,
    /// Too many keys.
    #[error("the key set must have 32 keys at most")]
    TooMany,
}

/// Why a foreign token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignRefused {
    /// An `alg` that is not accepted here, such as `none`.
    #[error("the token's header `alg` names an algorithm that is not accepted here")]
    Algorithm,
    /// It demands an extension, of which there are none here (RFC 7515 §4.1.11).
    #[error("the token's header has `crit`, and no extension is understood here")]
    Critical,
    /// The key that it names is for another algorithm.
    #[error("the token's header `alg` is not that of the key it names")]
    KeyMismatch,
    /// Not three base64url parts of which two are JSON objects.
    #[error("the token is not a compact JWT")]
    Malformed,
    /// Too long.
    #[error("the token must have 16384 characters at most")]
    TooLong,
    /// Too many keys might have made it.
    #[error("the token must name its key (`kid`), for its issuer has many")]
    Unnamed,
    /// No key of the set is the one: it names none of them or, where it names none, none of them
    /// made it. A newer set may have it.
    #[error("the token's key is not among those that its issuer publishes")]
    UnknownKey,
    /// The key that it names did not make its signature.
    #[error("the token's signature does not match")]
    WrongSignature,
}

/// A token that one of the keys signed. What it claims is the caller's to check.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    algorithm: Algorithm,
    typ: Option<String>,
    claims: Map<String, Value>,
}

#[derive(Debug)]
struct Header {
    algorithm: Algorithm,
    typ: Option<String>,
    kid: Option<String>,
}

impl ForeignKeys {
    /// Reads a JWK Set as its owner serves it.
    pub fn parse(json: &[u8]) -> Result<Self, ForeignKeysRefused> {
        if json.len() > MAX_SET_BYTES {
            return Err(ForeignKeysRefused::TooLarge);
        }
        let set = json::object(json).ok_or(ForeignKeysRefused::Malformed)?;
        Self::from_list(set.get("keys"))
    }

    /// Reads a JWK Set that was a member of a larger object, whose size its reader has bounded.
    pub fn parse_value(set: &Value) -> Result<Self, ForeignKeysRefused> {
        Self::from_list(set.get("keys"))
    }

    /// Whether a set is written as one of public keys, for who keeps it and verifies nothing.
    ///
    /// Whether a point is on its curve is asked where signatures are: that arithmetic is a
    /// quarter of a megabyte.
    pub fn check_form(set: &Value) -> Result<(), ForeignKeysRefused> {
        usable(set.get("keys"), Form::read).map(drop)
    }

    fn from_list(keys: Option<&Value>) -> Result<Self, ForeignKeysRefused> {
        usable(keys, Jwk::parse).map(Self)
    }

    /// The token, if one of these keys signed it with one of the algorithms `allowed`.
    pub fn verify(&self, token: &str, allowed: &[Algorithm]) -> Result<Verified, ForeignRefused> {
        let token = Compact::of(token)?;
        let header = Header::read(&token, allowed)?;
        let signature = token.signature()?;
        let keys = self.candidates(&header)?;
        let made = |key: &&Jwk| key.made(header.algorithm, token.signed(), &signature);
        if !keys.iter().any(made) {
            return Err(match header.kid {
                Some(_) => ForeignRefused::WrongSignature,
                None => ForeignRefused::UnknownKey,
            });
        }
        let claims = token.claims()?;
        let Header { algorithm, typ, .. } = header;
        Ok(Verified {
            algorithm,
            typ,
            claims,
        })
    }

    /// The keys that may have signed under this header.
    fn candidates(&self, header: &Header) -> Result<Vec<&Jwk>, ForeignRefused> {
        let named = |key: &&Jwk| key.is_named(header.kid.as_deref());
        if header.kid.is_some() && !self.0.iter().any(|key| named(&key)) {
            return Err(ForeignRefused::UnknownKey);
        }
        let fitting = |key: &&Jwk| named(key) && key.fits(header.algorithm);
        let keys: Vec<&Jwk> = self.0.iter().filter(fitting).collect();
        match keys.len() {
            0 if header.kid.is_some() => Err(ForeignRefused::KeyMismatch),
            0 => Err(ForeignRefused::UnknownKey),
            1..=MAX_TRIES => Ok(keys),
            _ => Err(ForeignRefused::Unnamed),
        }
    }
}

/// The keys of a list that are of use here; there must be one.
fn usable<'a, K>(
    keys: Option<&'a Value>,
    read: impl Fn(&'a Value) -> Result<Option<K>, JwkRefused>,
) -> Result<Vec<K>, ForeignKeysRefused> {
    let Some(Value::Array(keys)) = keys else {
        return Err(ForeignKeysRefused::Malformed);
    };
    if keys.len() > MAX_KEYS {
        return Err(ForeignKeysRefused::TooMany);
    }
    let mut usable = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let key = read(key);
        usable.extend(key.map_err(|reason| ForeignKeysRefused::Key { index, reason })?);
    }
    if usable.is_empty() {
        return Err(ForeignKeysRefused::NoKey);
    }
    Ok(usable)
}

impl Verified {
    /// What it was signed with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header `typ`, as it was written.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// What it claims.
    #[must_use]
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

/// What a token says before anybody vouches for it, to find the keys that could.
pub fn unverified_claims(token: &str) -> Result<Map<String, Value>, ForeignRefused> {
    Ok(Compact::of(token)?.claims()?)
}

impl Header {
    /// Reads it. `jwk`, `jku`, `x5c` and the like are not read: a token brings no keys along.
    fn read(token: &Compact<'_>, allowed: &[Algorithm]) -> Result<Self, ForeignRefused> {
        let header = token.header()?;
        let algorithm = Algorithm::named(&header.alg).filter(|named| allowed.contains(named));
        Ok(Self {
            algorithm: algorithm.ok_or(ForeignRefused::Algorithm)?,
            typ: header.typ,
            kid: header.kid,
        })
    }
}

impl From<CompactRefused> for ForeignRefused {
    fn from(refused: CompactRefused) -> Self {
        match refused {
            CompactRefused::Critical => Self::Critical,
            CompactRefused::Malformed => Self::Malformed,
            CompactRefused::TooLong => Self::TooLong,
        }
    }
}
