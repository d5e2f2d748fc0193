//! A secret that belongs to a signed token: whoever signed the token can make it, and whoever can
//! verify the token can check it.
//!
//! *Invariant:* the secret is a signature over bytes that no token's signing input begins with, so
//! a secret is no token and a token's signature is no secret.

use ed25519_dalek::{Signature, Signer as _};

use crate::signature::{Signed, SigningKeys, VerifyingKeys, kid_of};
use crate::{SignatureRefused, base64url};

/// A compact JWT begins with a base64url letter, never with this.
const CONTEXT: &[u8] = b"\0postern/v1 secret of ";

fn message(token: &str) -> Vec<u8> {
    [CONTEXT, token.as_bytes()].concat()
}

impl<T: Signed> SigningKeys<T> {
    /// The secret of `token`, which these keys signed.
    #[must_use]
    pub fn secret_of(&self, token: &str) -> Option<String> {
        let kid = kid_of(token).ok()?;
        let key = self.key(&kid)?;
        Some(base64url::encode(key.sign(&message(token)).to_bytes()))
    }
}

impl<T: Signed> VerifyingKeys<T> {
    /// Whether `secret` is the one of `token`.
    ///
    /// The token itself is verified by [`VerifyingKeys::verify`].
    pub fn verify_secret(&self, token: &str, secret: &str) -> Result<(), SignatureRefused> {
        let kid = kid_of(token)?;
        let key = self.key(&kid).ok_or(SignatureRefused::UnknownKey)?;
        let bytes = base64url::decode(secret).ok_or(SignatureRefused::Malformed)?;
        let signature = Signature::from_slice(&bytes).map_err(|_| SignatureRefused::Malformed)?;
        key.verify_strict(&message(token), &signature)
            .map_err(|_| SignatureRefused::WrongSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, derive};
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Registration {
        name: String,
    }

    impl Signed for Registration {
        const TYP: &'static str = "client+jwt";
    }

    fn keys(seed: &[u8]) -> (SigningKeys<Registration>, VerifyingKeys<Registration>) {
        let (private, public) = derive::signing_pair(&Secret::new(crate::sha256(seed)), "p");
        (
            SigningKeys::parse("k", &private).unwrap(),
            VerifyingKeys::parse("k", &public).unwrap(),
        )
    }

    fn token(keys: &SigningKeys<Registration>, name: &str) -> String {
        let name = name.to_owned();
        keys.sign(&Registration { name }).unwrap()
    }

    #[test]
    fn a_secret_is_its_tokens_alone() {
        let (private, public) = keys(b"a");
        let (mine, other) = (token(&private, "mine"), token(&private, "other"));
        let secret = private.secret_of(&mine).unwrap();
        assert_eq!(public.verify_secret(&mine, &secret), Ok(()));
        assert_eq!(
            public.verify_secret(&other, &secret),
            Err(SignatureRefused::WrongSignature)
        );
        let (_, stranger) = keys(b"b");
        assert_eq!(
            stranger.verify_secret(&mine, &secret),
            Err(SignatureRefused::UnknownKey)
        );
    }

    #[test]
    fn the_signature_that_everybody_sees_is_not_the_secret() {
        let (private, public) = keys(b"a");
        let mine = token(&private, "mine");
        let (_, seen) = mine.rsplit_once('.').unwrap();
        assert_eq!(
            public.verify_secret(&mine, seen),
            Err(SignatureRefused::WrongSignature)
        );
        for wrong in ["", "x", &"A".repeat(86)] {
            assert!(public.verify_secret(&mine, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_outlives_the_promotion_of_another_key() {
        let (first, _) = derive::signing_pair(&Secret::new(crate::sha256(b"1")), "p");
        let (second, _) = derive::signing_pair(&Secret::new(crate::sha256(b"2")), "p");
        let before = SigningKeys::<Registration>::parse("k", &first).unwrap();
        let after = SigningKeys::<Registration>::parse("k", &format!("{second},{first}")).unwrap();
        let mine = token(&before, "mine");
        assert_eq!(before.secret_of(&mine), after.secret_of(&mine));
    }
}
