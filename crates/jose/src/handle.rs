//! Handles: an id in plain bytes and a MAC over it, for codes and refresh tokens.
//!
//! *Invariant:* nothing about a handle is stored that would let a reader of the database make
//! one: the MAC's key is elsewhere, and `context` binds it to one issuer and one purpose.

use std::marker::PhantomData;

use crate::{KeyRefused, Kid, Secret, base64url, key_ring, mac};

/// Why a presented handle is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleRefused {
    /// Not `kid.id.mac`.
    #[error("the handle is malformed")]
    Malformed,
    /// Its key id is not in the ring.
    #[error("the handle names an unknown key")]
    UnknownKey,
    /// The MAC does not match.
    #[error("the handle's MAC does not match")]
    WrongMac,
}

/// The keys of one kind of handle; `P` names the kind in types, `purpose` in bytes.
#[derive(Clone, Debug)]
pub struct HandleKeys<P> {
    purpose: &'static str,
    keys: Vec<(Kid, Secret)>,
    kind: PhantomData<fn() -> P>,
}

impl<P> HandleKeys<P> {
    /// Reads a key variable.
    pub fn parse(purpose: &'static str, variable: &str, text: &str) -> Result<Self, KeyRefused> {
        let keys = key_ring::parse(variable, text)?
            .into_iter()
            .map(|(kid, key)| (kid, Secret::new(key)))
            .collect();
        Ok(Self {
            purpose,
            keys,
            kind: PhantomData,
        })
    }

    /// The handle of `id`: `kid.id.mac`. `context` is every further thing the MAC must cover.
    #[must_use]
    pub fn mint(&self, id: &[u8], context: &[&[u8]]) -> String {
        // `parse` refuses an empty list, so there is always a first key.
        self.keys.first().map_or_else(String::new, |(kid, key)| {
            let mac = self.mac(key, id, context);
            format!("{kid}.{}.{}", base64url::encode(id), base64url::encode(mac))
        })
    }

    /// Splits a handle into its id, before anything is verified.
    ///
    /// The id says which row to read; the row may hold part of the context.
    pub fn unverified_id(&self, handle: &str) -> Result<Vec<u8>, HandleRefused> {
        let (_, id, _) = split(handle)?;
        Ok(id)
    }

    /// Checks the MAC of `handle` over its id and `context`.
    pub fn verify(&self, handle: &str, context: &[&[u8]]) -> Result<(), HandleRefused> {
        let (kid, id, mac) = split(handle)?;
        let key = self.keys.iter().find(|(known, _)| known.as_str() == kid);
        let (_, key) = key.ok_or(HandleRefused::UnknownKey)?;
        if crate::constant_time_eq(&self.mac(key, &id, context), &mac) {
            Ok(())
        } else {
            Err(HandleRefused::WrongMac)
        }
    }

    fn mac(&self, key: &Secret, id: &[u8], context: &[&[u8]]) -> [u8; 32] {
        let parts: Vec<&[u8]> = [id].into_iter().chain(context.iter().copied()).collect();
        mac(key, self.purpose, &parts)
    }
}

fn split(handle: &str) -> Result<(&str, Vec<u8>, Vec<u8>), HandleRefused> {
    let mut parts = handle.split('.');
    let (Some(kid), Some(id), Some(mac), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HandleRefused::Malformed);
    };
    let decode = |text| base64url::decode(text).ok_or(HandleRefused::Malformed);
    Ok((kid, decode(id)?, decode(mac)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive;
    use proptest::prelude::*;

    struct Code;
    struct Refresh;

    fn ring<P>(purpose: &'static str, seed: &[u8]) -> HandleKeys<P> {
        let text = derive::symmetric(&Secret::new(crate::sha256(seed)), "same");
        HandleKeys::parse(purpose, "code_key", &text).unwrap()
    }

    #[test]
    fn the_mac_is_hmac_sha256_over_length_led_parts() {
        // RFC 4231 §4.2 fixes HMAC-SHA256; this fixes how we feed it.
        let text = format!("k1:{}", base64url::encode(crate::sha256(b"known")));
        let keys = HandleKeys::<Code>::parse("code", "code_key", &text).unwrap();
        let handle = keys.mint(b"id", &[b"https://example.com"]);
        assert_eq!(handle, "k1.aWQ.oa8ccbWiMRsw9CSgdrJ4a01D76DbCCQeg7KHZAxziHs");
    }

    #[test]
    fn one_purpose_never_verifies_for_another_even_with_the_same_key() {
        let code = ring::<Code>("code", b"a");
        let refresh = ring::<Refresh>("refresh", b"a");
        let handle = code.mint(b"grant", &[]);
        assert_eq!(code.verify(&handle, &[]), Ok(()));
        assert_eq!(refresh.verify(&handle, &[]), Err(HandleRefused::WrongMac));
    }

    #[test]
    fn an_old_key_verifies_until_it_is_retired() {
        let (new, old) = (
            derive::symmetric(&Secret::new([7; 32]), "n"),
            derive::symmetric(&Secret::new([8; 32]), "o"),
        );
        let before = HandleKeys::<Code>::parse("code", "code_key", &old).unwrap();
        let overlap =
            HandleKeys::<Code>::parse("code", "code_key", &format!("{new},{old}")).unwrap();
        let after = HandleKeys::<Code>::parse("code", "code_key", &new).unwrap();
        let handle = before.mint(b"grant", &[]);
        assert_eq!(overlap.verify(&handle, &[]), Ok(()));
        assert_eq!(after.verify(&handle, &[]), Err(HandleRefused::UnknownKey));
        assert_eq!(after.verify(&overlap.mint(b"grant", &[]), &[]), Ok(()));
    }

    proptest! {
        #[test]
        fn a_handle_verifies_with_its_own_context_and_no_other(
            id in proptest::collection::vec(any::<u8>(), 0..40),
            context in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..8), 0..4),
            other in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..8), 0..4),
        ) {
            let keys = ring::<Code>("code", b"a");
            let context: Vec<&[u8]> = context.iter().map(Vec::as_slice).collect();
            let other: Vec<&[u8]> = other.iter().map(Vec::as_slice).collect();
            let handle = keys.mint(&id, &context);
            prop_assert_eq!(keys.unverified_id(&handle).unwrap(), id);
            prop_assert_eq!(keys.verify(&handle, &context), Ok(()));
            prop_assert_eq!(keys.verify(&handle, &other).is_ok(), context == other);
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,80}") {
            prop_assert!(ring::<Code>("code", b"a").verify(&text, &[]).is_err());
        }
    }
}
