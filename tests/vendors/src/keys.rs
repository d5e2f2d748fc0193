//! What a vendor signs with, and what it publishes of it.

mod printed;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::rsa::KeyPairComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::{Value, json};

use crate::jwt::{Algorithm, base64url};
use printed::Numbers;

/// DER before an RSA public key of 2048 bits, to make it a SubjectPublicKeyInfo (RFC 8017 A.1).
const RSA_INFO: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A";
/// The same for a point of P-384 (RFC 5480 section 2.1.1).
const P384_INFO: &str = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgA=";

/// Which of the keys of one type it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The one in the set.
    Current,
    /// The one that is to follow.
    Next,
}

/// A vendor's keys.
pub(crate) struct Keys {
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    p384: [EcdsaKeyPair; 2],
    rsa: [RsaKeyPair; 2],
    random: SystemRandom,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let p384 = || curve(&ECDSA_P384_SHA384_FIXED_SIGNING, &random);
        let mut seed = [0; 32];
        random.fill(&mut seed).expect("entropy");
        Self {
            ed25519: Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed"),
            p256: curve(&ECDSA_P256_SHA256_FIXED_SIGNING, &random),
            p384: [p384(), p384()],
            rsa: [rsa(&printed::CURRENT), rsa(&printed::NEXT)],
            random,
        }
    }

    /// A string that nobody guesses.
    pub(crate) fn random(&self) -> String {
        let mut bytes = [0; 24];
        self.random.fill(&mut bytes).expect("entropy");
        base64url(bytes)
    }

    /// The `kid` of a key.
    pub(crate) const fn kid(algorithm: Algorithm, slot: Slot) -> &'static str {
        match (algorithm, slot) {
            (Algorithm::EdDsa, _) => "ed25519",
            (Algorithm::Es256, _) => "p256",
            (Algorithm::Es384, Slot::Current) => "p384-2025",
            (Algorithm::Es384, Slot::Next) => "p384-2026",
            (_, Slot::Current) => "rsa-2025",
            (_, Slot::Next) => "rsa-2026",
        }
    }

    /// A public key, as RFC 7517 writes it.
    pub(crate) fn jwk(&self, algorithm: Algorithm, slot: Slot) -> Value {
        let mut key = match algorithm {
            Algorithm::EdDsa => {
                let x = base64url(self.ed25519.public_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
            Algorithm::Es256 => point("P-256", &self.p256),
            Algorithm::Es384 => point("P-384", self.p384(slot)),
            _ => {
                let numbers = numbers(slot);
                json!({ "kty": "RSA", "n": numbers.n, "e": "AQAB" })
            }
        };
        let common = [
            ("use", "sig"),
            ("alg", algorithm.name()),
            ("kid", Self::kid(algorithm, slot)),
        ];
        if let Some(members) = key.as_object_mut() {
            members.extend(common.map(|(name, value)| (name.to_owned(), Value::from(value))));
        }
        key
    }

    /// Signs, with the key that the algorithm takes.
    pub(crate) fn sign(&self, algorithm: Algorithm, slot: Slot, message: &[u8]) -> Vec<u8> {
        let curve = |key: &EcdsaKeyPair| {
            let signature = key.sign(&self.random, message).expect("a signature");
            signature.as_ref().to_vec()
        };
        match algorithm {
            Algorithm::EdDsa => self.ed25519.sign(message).as_ref().to_vec(),
            Algorithm::Es256 => curve(&self.p256),
            Algorithm::Es384 => curve(self.p384(slot)),
            Algorithm::Hs256 => self.mac(&self.pem(Algorithm::Rs256), message),
            Algorithm::None => Vec::new(),
            Algorithm::Ps256 => self.rsa(slot, &RSA_PSS_SHA256, message),
            Algorithm::Rs256 => self.rsa(slot, &RSA_PKCS1_SHA256, message),
            Algorithm::Rs384 => self.rsa(slot, &RSA_PKCS1_SHA384, message),
            Algorithm::Rs512 => self.rsa(slot, &RSA_PKCS1_SHA512, message),
        }
    }

    /// HMAC with whatever key.
    pub(crate) fn mac(&self, key: &str, message: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        hmac::sign(&key, message).as_ref().to_vec()
    }

    /// The public key as the PEM that attackers MAC with.
    pub(crate) fn pem(&self, algorithm: Algorithm) -> String {
        let (info, key) = match algorithm {
            Algorithm::Es384 => (P384_INFO, self.p384(Slot::Current).public_key().as_ref()),
            _ => {
                let [current, _] = &self.rsa;
                (RSA_INFO, current.public_key().as_ref())
            }
        };
        let mut der = STANDARD.decode(info).expect("base64");
        der.extend_from_slice(key);
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for line in STANDARD.encode(der).as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem + "-----END PUBLIC KEY-----\n"
    }

    const fn p384(&self, slot: Slot) -> &EcdsaKeyPair {
        let [current, next] = &self.p384;
        match slot {
            Slot::Current => current,
            Slot::Next => next,
        }
    }

    fn rsa(&self, slot: Slot, padding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let [current, next] = &self.rsa;
        let key = match slot {
            Slot::Current => current,
            Slot::Next => next,
        };
        let mut signature = vec![0; key.public().modulus_len()];
        let signed = key.sign(padding, &self.random, message, &mut signature);
        signed.expect("a signature");
        signature
    }
}

const fn numbers(slot: Slot) -> &'static Numbers {
    match slot {
        Slot::Current => &printed::CURRENT,
        Slot::Next => &printed::NEXT,
    }
}

fn curve(algorithm: &'static EcdsaSigningAlgorithm, random: &SystemRandom) -> EcdsaKeyPair {
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, random).expect("a key");
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), random).expect("a key")
}

fn rsa(numbers: &Numbers) -> RsaKeyPair {
    let bytes = |text| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let key = RsaKeyPair::from_components(&KeyPairComponents {
        public_key: RsaPublicKeyComponents {
            n: bytes(numbers.n),
            e: bytes("AQAB"),
        },
        d: bytes(numbers.d),
        p: bytes(numbers.p),
        q: bytes(numbers.q),
        dP: bytes(numbers.dp),
        dQ: bytes(numbers.dq),
        qInv: bytes(numbers.qi),
    });
    key.expect("the numbers of an RSA key")
}

/// An uncompressed point: 4, x, y (SEC 1 section 2.3.3).
fn point(name: &str, key: &EcdsaKeyPair) -> Value {
    let (_, coordinates) = key.public_key().as_ref().split_at(1);
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    json!({ "kty": "EC", "crv": name, "x": base64url(x), "y": base64url(y) })
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Keys, Slot};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn the_pem_of_a_public_key_is_whole_and_holds_it() {
        let keys = Keys::new();
        for algorithm in [Algorithm::Rs256, Algorithm::Es384] {
            let pem = keys.pem(algorithm);
            let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
            let der = STANDARD.decode(lines.concat()).unwrap();
            // DER says how long it is: in two bytes after 0x82, or else in one.
            let (length, head) = match der[1] {
                0x82 => (usize::from(der[2]) * 256 + usize::from(der[3]), 4),
                short => (usize::from(short), 2),
            };
            assert_eq!(der.len(), length + head, "{algorithm:?}");
            let key = match algorithm {
                Algorithm::Es384 => super::KeyPair::public_key(keys.p384(Slot::Current)).as_ref(),
                _ => super::KeyPair::public_key(&keys.rsa[0]).as_ref(),
            };
            assert!(der.ends_with(key), "{algorithm:?}");
        }
    }
}
