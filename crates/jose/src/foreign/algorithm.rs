//! The signature algorithms that are accepted from others (RFC 7518 §3.1, RFC 8037, RFC 9864).
//!
//! *Invariant:* every one is a signature that a public key verifies: neither `none` nor a MAC has
//! a name here, so no public key can be taken for a shared secret.

use std::fmt;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::base64url::encode;

/// How a foreign token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 by the name that says so (RFC 9864 §2.2).
    Ed25519,
    /// Ed25519 by its older name (RFC 8037 §3.1).
    EdDsa,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA-PSS with SHA-384.
    Ps384,
    /// RSA-PSS with SHA-512.
    Ps512,
    /// RSA PKCS #1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    Rs512,
}

/// A type of key, which decides what signs with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    Ed25519,
    P256,
    P384,
    Rsa,
}

impl Algorithm {
    /// The type of key that signs with it.
    pub(super) const fn key_type(self) -> KeyType {
        match self {
            Self::Ed25519 | Self::EdDsa => KeyType::Ed25519,
            Self::Es256 => KeyType::P256,
            Self::Es384 => KeyType::P384,
            Self::Ps256 | Self::Ps384 | Self::Ps512 | Self::Rs256 | Self::Rs384 | Self::Rs512 => {
                KeyType::Rsa
            }
        }
    }

    /// Every algorithm, in the order in which metadata lists them.
    pub const ALL: [Self; 10] = [
        Self::EdDsa,
        Self::Ed25519,
        Self::Es256,
        Self::Es384,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
    ];

    /// Its `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    /// The algorithm of an `alg`, case and all.
    #[must_use]
    pub fn named(alg: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == alg)
    }

    /// Half a hash of `text`, as ID tokens name the tokens that came with them (OpenID Connect Core
    /// 1.0 §3.1.3.6): of the hash that the algorithm signs, which for Ed25519 is SHA-512.
    #[must_use]
    pub fn half_hash(self, text: &str) -> String {
        let half = |digest: &[u8]| encode(digest.get(..digest.len() / 2).unwrap_or_default());
        match self {
            Self::Es256 | Self::Ps256 | Self::Rs256 => half(&Sha256::digest(text)),
            Self::Es384 | Self::Ps384 | Self::Rs384 => half(&Sha384::digest(text)),
            Self::Ed25519 | Self::EdDsa | Self::Ps512 | Self::Rs512 => half(&Sha512::digest(text)),
        }
    }

    /// Whether both are one algorithm, which Ed25519 alone has two names for.
    pub(super) fn is_same(self, other: Self) -> bool {
        let plain = |algorithm| match algorithm {
            Self::EdDsa => Self::Ed25519,
            other => other,
        };
        plain(self) == plain(other)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_hash_is_of_the_hash_that_is_signed() {
        // The example of OpenID Connect Core 1.0, A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(Algorithm::Rs256.half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
        for (algorithm, bytes) in [
            (Algorithm::Es256, 16),
            (Algorithm::Ps384, 24),
            (Algorithm::EdDsa, 32),
        ] {
            let half = crate::decode(&algorithm.half_hash(token)).unwrap();
            assert_eq!(half.len(), bytes, "{algorithm}");
        }
    }

    #[test]
    fn every_algorithm_is_found_by_its_name_and_no_other() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::named(algorithm.as_str()), Some(algorithm));
        }
        for name in [
            "", "none", "None", "HS256", "rs256", "ES256K", "ES512", "RSA-OAEP",
        ] {
            assert_eq!(Algorithm::named(name), None, "{name}");
        }
    }
}
