//! Seals: XChaCha20-Poly1305 over what passes through a browser or between two components.
//!
//! *Invariant:* a seal opens only with the key, purpose, version and associated data it was
//! made with; its nonce is an argument, 24 random bytes, so two never meet.

use std::marker::PhantomData;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{KeyRefused, Kid, Secret, base64url, key_ring};

/// How many random bytes a seal needs.
pub const NONCE_LENGTH: usize = 24;

/// Something that may be sealed: its purpose is associated data.
pub trait Sealed: Serialize + DeserializeOwned {
    /// What it is for, in a word.
    const PURPOSE: &'static str;
}

/// Why a seal does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealRefused {
    /// Not `kid.ciphertext`.
    #[error("the seal is malformed")]
    Malformed,
    /// Its key id is not in the ring.
    #[error("the seal names an unknown key")]
    UnknownKey,
    /// Forged, altered, or made for something else.
    #[error("the seal does not open with these keys for this purpose")]
    WrongSeal,
    /// It opened, but holds another shape: made by another version.
    #[error("the seal holds something else")]
    WrongShape,
}

/// The keys that seal and open one kind of thing.
#[derive(Clone, Debug)]
pub struct SealKeys<T> {
    keys: Vec<(Kid, Secret)>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Sealed> SealKeys<T> {
    /// Reads a key variable.
    pub fn parse(variable: &str, text: &str) -> Result<Self, KeyRefused> {
        let keys = key_ring::parse(variable, text)?
            .into_iter()
            .map(|(kid, key)| (kid, Secret::new(key)))
            .collect();
        Ok(Self {
            keys,
            kind: PhantomData,
        })
    }

    /// Seals `content`; `context` must be given again to open it.
    #[must_use]
    pub fn seal(&self, content: &T, nonce: [u8; NONCE_LENGTH], context: &str) -> Option<String> {
        let (kid, key) = self.keys.first()?;
        let plain = serde_json::to_vec(content).ok()?;
        let data = associated_data::<T>(kid.as_str(), context);
        let payload = Payload {
            msg: &plain,
            aad: &data,
        };
        let cipher = XChaCha20Poly1305::new(key.expose().into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(format!(
            "{kid}.{}",
            base64url::encode([nonce.as_slice(), &sealed].concat())
        ))
    }

    /// Opens a seal made by [`SealKeys::seal`] with the same `context`.
    pub fn open(&self, sealed: &str, context: &str) -> Result<T, SealRefused> {
        let (kid, text) = sealed.split_once('.').ok_or(SealRefused::Malformed)?;
        let bytes = base64url::decode(text).ok_or(SealRefused::Malformed)?;
        let (nonce, cipher_text) = bytes
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or(SealRefused::Malformed)?;
        let key = self.keys.iter().find(|(known, _)| known.as_str() == kid);
        let (_, key) = key.ok_or(SealRefused::UnknownKey)?;
        let data = associated_data::<T>(kid, context);
        let payload = Payload {
            msg: cipher_text,
            aad: &data,
        };
        let cipher = XChaCha20Poly1305::new(key.expose().into());
        let plain = cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| SealRefused::WrongSeal)?;
        serde_json::from_slice(&plain).map_err(|_| SealRefused::WrongShape)
    }
}

fn associated_data<T: Sealed>(kid: &str, context: &str) -> Vec<u8> {
    let mut data = Vec::new();
    for part in ["postern/v1", T::PURPOSE, kid, context] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Transaction(String);
    impl Sealed for Transaction {
        const PURPOSE: &'static str = "transaction";
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Person(String);
    impl Sealed for Person {
        const PURPOSE: &'static str = "person";
    }

    fn keys() -> String {
        derive::symmetric(&Secret::new(crate::sha256(b"m")), "tx/dev")
    }

    #[test]
    fn one_purpose_never_opens_for_another_even_with_the_same_key() {
        let transactions = SealKeys::<Transaction>::parse("tx_dev", &keys()).unwrap();
        let people = SealKeys::<Person>::parse("person_dev", &keys()).unwrap();
        let sealed = transactions
            .seal(&Transaction("t".into()), [1; 24], "iss")
            .unwrap();
        assert_eq!(people.open(&sealed, "iss"), Err(SealRefused::WrongSeal));
        assert_eq!(
            transactions.open(&sealed, "other"),
            Err(SealRefused::WrongSeal)
        );
        assert_eq!(
            transactions.open(&sealed, "iss"),
            Ok(Transaction("t".into()))
        );
    }

    #[test]
    fn a_seal_has_this_very_form() {
        let text = format!("k1:{}", base64url::encode(crate::sha256(b"known")));
        let keys = SealKeys::<Person>::parse("person_dev", &text).unwrap();
        let sealed = keys
            .seal(&Person("ada".into()), [7; 24], "https://example.com")
            .unwrap();
        assert_eq!(
            sealed,
            "k1.BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH09rny8a0sR1lMgh7ENKICQtP5JO8"
        );
    }

    proptest! {
        #[test]
        fn every_flipped_bit_is_noticed(content in ".{0,60}", at in any::<proptest::sample::Index>(), bit in 0_u8..8) {
            let keys = SealKeys::<Person>::parse("person_dev", &keys()).unwrap();
            let sealed = keys.seal(&Person(content), [9; 24], "iss").unwrap();
            let (kid, text) = sealed.split_once('.').unwrap();
            let mut bytes = base64url::decode(text).unwrap();
            let index = at.index(bytes.len());
            bytes[index] ^= 1 << bit;
            let altered = format!("{kid}.{}", base64url::encode(bytes));
            prop_assert_eq!(keys.open(&altered, "iss"), Err(SealRefused::WrongSeal));
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,80}") {
            prop_assert!(SealKeys::<Person>::parse("person_dev", &keys()).unwrap().open(&text, "").is_err());
        }
    }
}
