//! A provider with two keys, of the types that RFC 8037 and RFC 7518 name.
//!
//! *Invariant:* what it signs is what it is told to, whatever the header or the claims say.

use jose::{ForeignKeys, encode};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use serde_json::{Value, json};

pub(super) struct Signer {
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    pub(super) fn new(seed: u8) -> Self {
        let random = SystemRandom::new();
        let scheme = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let p256 = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap();
        Self {
            ed25519: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
            p256: EcdsaKeyPair::from_pkcs8(scheme, p256.as_ref(), &random).unwrap(),
            random,
        }
    }

    pub(super) fn keys(&self) -> ForeignKeys {
        let point = self.p256.public_key().as_ref();
        let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
        let ed = encode(self.ed25519.public_key());
        let keys = json!({ "keys": [
            { "kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": ed },
            { "kid": "p256", "kty": "EC", "crv": "P-256", "x": x, "y": y },
        ] });
        ForeignKeys::parse_value(&keys).unwrap()
    }

    /// A token with any header, signed by Ed25519.
    pub(super) fn token(&self, header: &Value, claims: &str) -> String {
        let signed = signed(header, claims);
        let signature = self.ed25519.sign(signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }

    pub(super) fn es256(&self, claims: &str) -> String {
        let signed = signed(&json!({ "alg": "ES256", "kid": "p256" }), claims);
        let signature = self.p256.sign(&self.random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", encode(signature))
    }

    /// A MAC for which the public key is the shared secret.
    pub(super) fn hs256(&self, claims: &str) -> String {
        let signed = signed(&json!({ "alg": "HS256", "kid": "ed" }), claims);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.ed25519.public_key().as_ref());
        format!("{signed}.{}", encode(hmac::sign(&key, signed.as_bytes())))
    }
}

pub(super) fn signed(header: &Value, claims: &str) -> String {
    format!("{}.{}", encode(header.to_string()), encode(claims))
}
