//! Compact JWTs with a MAC (HS256, RFC 7518 §3.2), made by whoever shares a secret with us.
//!
//! *Invariant:* a secret verifies HS256 and nothing else, and public keys are of another type that
//! has no MAC: what everybody may know is never taken for what only two do.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::compact::{Compact, CompactRefused};

/// RFC 7518 §3.2: the key has the size of the hash at least.
const LEAST_BYTES: usize = 32;

/// A secret that somebody who makes tokens holds too.
#[derive(Clone)]
pub struct SharedSecret(Zeroizing<Vec<u8>>);

/// Why a shared secret is refused, by the variable that holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the variable `{0}` must hold 32 bytes or more, so that nobody guesses it from a token \
     (RFC 7518 section 3.2): make one with `openssl rand -base64 48`"
)]
pub struct SharedSecretRefused(String);

/// Why a token with a MAC does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MacRefused {
    /// Another `alg`, `none` among them.
    #[error("the token's header `alg` is not HS256")]
    Algorithm,
    /// It demands an extension, of which there are none here (RFC 7515 §4.1.11).
    #[error("the token's header has `crit`, and no extension is understood here")]
    Critical,
    /// Not three base64url parts of which two are JSON objects.
    #[error("the token is not a compact JWT")]
    Malformed,
    /// Too long.
    #[error("the token must have 16384 characters at most")]
    TooLong,
    /// Another secret made it, or nobody's.
    #[error("the token's MAC does not match")]
    WrongMac,
}

impl From<CompactRefused> for MacRefused {
    fn from(refused: CompactRefused) -> Self {
        match refused {
            CompactRefused::Critical => Self::Critical,
            CompactRefused::Malformed => Self::Malformed,
            CompactRefused::TooLong => Self::TooLong,
        }
    }
}

impl SharedSecret {
    /// Reads a variable, whose very characters are the secret.
    pub fn parse(variable: &str, text: &str) -> Result<Self, SharedSecretRefused> {
        if text.len() < LEAST_BYTES {
            return Err(SharedSecretRefused(variable.to_owned()));
        }
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// What the token claims, if this secret made its MAC. Whether it is good is the caller's to
    /// check.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, MacRefused> {
        let token = Compact::of(token)?;
        if token.header()?.alg != "HS256" {
            return Err(MacRefused::Algorithm);
        }
        let tag = token.signature()?;
        // A key of any length is one for HMAC (RFC 2104 §2), so this never fails.
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| MacRefused::WrongMac)?;
        let mac = mac.chain_update(token.signed());
        // In constant time; a tag of another length never matches.
        mac.verify_slice(&tag).map_err(|_| MacRefused::WrongMac)?;
        Ok(token.claims()?)
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedSecret(..)")
    }
}

#[cfg(test)]
mod tests;
