//! Public keys of every type that is accepted, and whether one made a signature.
//!
//! *Invariant:* a value is a key that was checked: on its curve, of no small order, of an RSA size
//! between 2048 and 4096 bits; and it verifies by the algorithms of its own type alone.

use ed25519_dalek::Signature;
use p256::ecdsa::signature::Verifier as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pss::Pss;
use rsa::{BoxedUint, RsaPublicKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::algorithm::KeyType;
use super::{Algorithm, JwkRefused};

/// A public key.
#[derive(Clone, Debug)]
pub(super) enum Material {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Rsa(RsaPublicKey),
}

/// The first byte of a point whose two coordinates follow (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

impl Material {
    /// The Ed25519 key of RFC 8037 §2.
    pub(super) fn ed25519(x: &[u8]) -> Result<Self, JwkRefused> {
        let bytes: &[u8; 32] = x.try_into().map_err(|_| JwkRefused::Member("x"))?;
        match ed25519_dalek::VerifyingKey::from_bytes(bytes) {
            Ok(key) if !key.is_weak() => Ok(Self::Ed25519(key)),
            _ => Err(JwkRefused::BadPoint),
        }
    }

    /// The P-256 key at these coordinates.
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Result<Self, JwkRefused> {
        let point = uncompressed::<32>(x, y)?;
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point);
        key.map(Self::P256).map_err(|_| JwkRefused::BadPoint)
    }

    /// The P-384 key at these coordinates.
    pub(super) fn p384(x: &[u8], y: &[u8]) -> Result<Self, JwkRefused> {
        let point = uncompressed::<48>(x, y)?;
        let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point);
        key.map(Self::P384).map_err(|_| JwkRefused::BadPoint)
    }

    /// The RSA key of this modulus and exponent, both without leading zeros.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, JwkRefused> {
        let (n, e) = (
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
        );
        match RsaPublicKey::new_with_size_limits(n, e, 2048..=4096) {
            Ok(key) => Ok(Self::Rsa(key)),
            Err(rsa::Error::ModulusTooSmall) => Err(JwkRefused::Short),
            Err(_) => Err(JwkRefused::BadRsa),
        }
    }

    pub(super) const fn key_type(&self) -> KeyType {
        match self {
            Self::Ed25519(_) => KeyType::Ed25519,
            Self::P256(_) => KeyType::P256,
            Self::P384(_) => KeyType::P384,
            Self::Rsa(_) => KeyType::Rsa,
        }
    }

    /// Whether this key made `signature` over `message`, with an algorithm that fits it.
    pub(super) fn made(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            // Strict: no weak keys, no malleable signatures.
            Self::Ed25519(key) => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            // RFC 7518 §3.4: R and S at their full length, one behind the other, never DER.
            Self::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::P384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Rsa(key) => rsa_made(key, algorithm, message, signature),
        }
    }
}

fn rsa_made(key: &RsaPublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let verified = match algorithm {
        Algorithm::Rs256 => key.verify(
            Pkcs1v15Sign::new::<Sha256>(),
            &Sha256::digest(message),
            signature,
        ),
        Algorithm::Rs384 => key.verify(
            Pkcs1v15Sign::new::<Sha384>(),
            &Sha384::digest(message),
            signature,
        ),
        Algorithm::Rs512 => key.verify(
            Pkcs1v15Sign::new::<Sha512>(),
            &Sha512::digest(message),
            signature,
        ),
        // RFC 7518 §3.5: the salt is as long as the hash, which is what `new` demands.
        Algorithm::Ps256 => key.verify(Pss::<Sha256>::new(), &Sha256::digest(message), signature),
        Algorithm::Ps384 => key.verify(Pss::<Sha384>::new(), &Sha384::digest(message), signature),
        Algorithm::Ps512 => key.verify(Pss::<Sha512>::new(), &Sha512::digest(message), signature),
        Algorithm::Ed25519 | Algorithm::EdDsa | Algorithm::Es256 | Algorithm::Es384 => {
            return false;
        }
    };
    verified.is_ok()
}

fn uncompressed<const LENGTH: usize>(x: &[u8], y: &[u8]) -> Result<Vec<u8>, JwkRefused> {
    for (coordinate, name) in [(x, "x"), (y, "y")] {
        if coordinate.len() != LENGTH {
            return Err(JwkRefused::Member(name));
        }
    }
    Ok([&[UNCOMPRESSED], x, y].concat())
}
