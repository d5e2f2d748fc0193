//! Compact JWTs, written with no regard for whether anybody should take them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::keys::{Keys, Slot};

/// How a token is signed, RFC 7518 section 3.1 and RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// EdDSA with Ed25519.
    EdDsa,
    /// ECDSA with P-256.
    Es256,
    /// ECDSA with P-384.
    Es384,
    /// HMAC, keyed with the PEM of the vendor's public key.
    Hs256,
    /// Not at all.
    None,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
}

impl Algorithm {
    /// Its `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Hs256 => "HS256",
            Self::None => "none",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }
}

/// Base64url without padding.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Which key signs, and what the header says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) slot: Slot,
    pub(crate) kid: Option<&'a str>,
}

impl Signer<'_> {
    /// A token with this payload, which is not looked at.
    pub(crate) fn sign(self, keys: &Keys, payload: &str) -> String {
        let mut header = json!({ "typ": "JWT", "alg": self.algorithm.name() });
        if let (Some(kid), Some(header)) = (self.kid, header.as_object_mut()) {
            header.insert("kid".to_owned(), Value::from(kid));
        }
        let head = base64url(header.to_string());
        let message = format!("{head}.{}", base64url(payload));
        let signature = keys.sign(self.algorithm, self.slot, message.as_bytes());
        format!("{message}.{}", base64url(signature))
    }
}
