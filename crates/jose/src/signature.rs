//! Signed claims as compact JWTs (RFC 7519) with EdDSA over Ed25519 (RFC 8037).
//!
//! *Invariant:* the algorithm is fixed, never read from the token's wish, and `typ` must be the
//! one of the claims' type (RFC 8725 §3.11): an assertion cannot pass for an access token.

use std::marker::PhantomData;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::key_ring::{self, KeyRefusal};
use crate::{KeyRefused, Kid, base64url};

/// Claims that are signed, and the `typ` that says which.
pub trait Signed: Serialize + DeserializeOwned {
    /// The `typ` header, without `application/`.
    const TYP: &'static str;
}

/// Why a token's signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// Not three base64url parts with a JSON header and JSON claims.
    #[error("the token is malformed")]
    Malformed,
    /// Its key id is not in the ring.
    #[error("the token names an unknown key")]
    UnknownKey,
    /// An algorithm other than EdDSA.
    #[error("the token is not signed with EdDSA")]
    WrongAlgorithm,
    /// It carries claims of another kind than expected.
    #[error("the token's claims have another shape")]
    WrongShape,
    /// The signature does not match.
    #[error("the token's signature does not match")]
    WrongSignature,
    /// It was made for another purpose.
    #[error("the token was made for another purpose")]
    WrongType,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// The private keys that sign one kind of claims: the first signs.
#[derive(Clone)]
pub struct SigningKeys<T> {
    keys: Vec<(Kid, SigningKey)>,
    kind: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for SigningKeys<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_list()
            .entries(self.keys.iter().map(|(kid, _)| kid))
            .finish()
    }
}

/// The key id that a token's header names.
pub(crate) fn kid_of(token: &str) -> Result<Kid, SignatureRefused> {
    let (header, _) = token.split_once('.').ok_or(SignatureRefused::Malformed)?;
    let header = base64url::decode(header).ok_or(SignatureRefused::Malformed)?;
    let header: Header<'_> =
        serde_json::from_slice(&header).map_err(|_| SignatureRefused::Malformed)?;
    Kid::parse(header.kid).ok_or(SignatureRefused::UnknownKey)
}

impl<T: Signed> SigningKeys<T> {
    pub(crate) fn key(&self, kid: &Kid) -> Option<&SigningKey> {
        let found = self.keys.iter().find(|(known, _)| known == kid);
        found.map(|(_, key)| key)
    }

    /// The public halves.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKeys<T> {
        let public = |(kid, key): &(Kid, SigningKey)| (kid.clone(), key.verifying_key());
        VerifyingKeys {
            keys: self.keys.iter().map(public).collect(),
            kind: PhantomData,
        }
    }

    /// Reads a variable of private keys (their 32-byte seeds, RFC 8032 §5.1.5).
    pub fn parse(variable: &str, text: &str) -> Result<Self, KeyRefused> {
        let keys = key_ring::parse(variable, text)?
            .into_iter()
            .map(|(kid, seed)| (kid, SigningKey::from_bytes(&seed)))
            .collect();
        Ok(Self {
            keys,
            kind: PhantomData,
        })
    }

    /// The compact token of `claims`.
    #[must_use]
    pub fn sign(&self, claims: &T) -> Option<String> {
        let (kid, key) = self.keys.first()?;
        let header = Header {
            alg: "EdDSA",
            kid: kid.as_str(),
            typ: T::TYP,
        };
        let header = base64url::encode(serde_json::to_vec(&header).ok()?);
        let claims = base64url::encode(serde_json::to_vec(claims).ok()?);
        let signature = key.sign(format!("{header}.{claims}").as_bytes());
        Some(format!(
            "{header}.{claims}.{}",
            base64url::encode(signature.to_bytes())
        ))
    }
}

/// The public keys that verify one kind of claims: any of them.
#[derive(Clone, Debug)]
pub struct VerifyingKeys<T> {
    keys: Vec<(Kid, VerifyingKey)>,
    kind: PhantomData<fn() -> T>,
}

/// One public key, as a JWK Set publishes it (RFC 8037 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    kid: String,
    x: String,
}

impl<T: Signed> VerifyingKeys<T> {
    pub(crate) fn key(&self, kid: &Kid) -> Option<&VerifyingKey> {
        let found = self.keys.iter().find(|(known, _)| known == kid);
        found.map(|(_, key)| key)
    }

    /// Reads a variable of public keys.
    pub fn parse(variable: &str, text: &str) -> Result<Self, KeyRefused> {
        let refuse = |reason| KeyRefused {
            variable: variable.to_owned(),
            reason,
        };
        let keys = key_ring::parse(variable, text)?
            .into_iter()
            .map(|(kid, bytes)| match VerifyingKey::from_bytes(&bytes) {
                Ok(key) if !key.is_weak() => Ok((kid, key)),
                _ => Err(refuse(KeyRefusal::NotAPublicKey)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            keys,
            kind: PhantomData,
        })
    }

    /// The claims of `token`, if one of these keys signed it for this purpose.
    ///
    /// What the claims say (time, issuer, audience) is the caller's to check.
    pub fn verify(&self, token: &str) -> Result<T, SignatureRefused> {
        let (signed, signature) = token.rsplit_once('.').ok_or(SignatureRefused::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(SignatureRefused::Malformed)?;
        let header = base64url::decode(header).ok_or(SignatureRefused::Malformed)?;
        let header: Header<'_> =
            serde_json::from_slice(&header).map_err(|_| SignatureRefused::Malformed)?;
        if header.alg != "EdDSA" {
            return Err(SignatureRefused::WrongAlgorithm);
        }
        if header.typ != T::TYP {
            return Err(SignatureRefused::WrongType);
        }
        let key = self.keys.iter().find(|(kid, _)| kid.as_str() == header.kid);
        let (_, key) = key.ok_or(SignatureRefused::UnknownKey)?;
        let signature = base64url::decode(signature).ok_or(SignatureRefused::Malformed)?;
        let signature =
            Signature::from_slice(&signature).map_err(|_| SignatureRefused::Malformed)?;
        // Strict: no weak keys, no malleable signatures.
        key.verify_strict(signed.as_bytes(), &signature)
            .map_err(|_| SignatureRefused::WrongSignature)?;
        let claims = base64url::decode(claims).ok_or(SignatureRefused::Malformed)?;
        serde_json::from_slice(&claims).map_err(|_| SignatureRefused::WrongShape)
    }

    /// The keys as a JWK Set lists them.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let publish = |(kid, key): &(Kid, VerifyingKey)| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: kid.to_string(),
            x: base64url::encode(key.to_bytes()),
        };
        self.keys.iter().map(publish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Access {
        sub: String,
    }
    impl Signed for Access {
        const TYP: &'static str = "at+jwt";
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Assertion {
        sub: String,
    }
    impl Signed for Assertion {
        const TYP: &'static str = "assertion+jwt";
    }

    /// The private key of RFC 8037 appendix A.1.
    const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn pair<T: Signed>() -> (SigningKeys<T>, VerifyingKeys<T>) {
        let signing = SigningKeys::parse("k", &format!("a1:{SEED}")).unwrap();
        let verifying = VerifyingKeys::parse("k", &format!("a1:{PUBLIC}")).unwrap();
        (signing, verifying)
    }

    #[test]
    fn the_keys_of_rfc_8037_sign_and_verify() {
        let (signing, verifying) = pair::<Access>();
        let token = signing
            .sign(&Access {
                sub: "dev:ada".into(),
            })
            .unwrap();
        assert_eq!(
            token,
            "eyJhbGciOiJFZERTQSIsImtpZCI6ImExIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJkZXY6YWRhIn0.LWxHpSxibO8Qr0Ng0-w9bQG9Oh9DHmXjjyUl8dinFQRNwgibfQf503X6DNxxXs65veX5bFmDpX3W3mju1rZkAg"
        );
        assert_eq!(verifying.verify(&token).unwrap().sub, "dev:ada");
        assert_eq!(
            serde_json::to_value(verifying.public_keys()).unwrap()[0]["x"],
            PUBLIC
        );
    }

    #[test]
    fn one_type_never_verifies_for_another_even_with_the_same_key() {
        let (signing, _) = pair::<Assertion>();
        let (_, verifying) = pair::<Access>();
        let token = signing
            .sign(&Assertion {
                sub: "dev:ada".into(),
            })
            .unwrap();
        assert_eq!(verifying.verify(&token), Err(SignatureRefused::WrongType));
    }

    #[test]
    fn headers_that_ask_for_something_else_are_refused() {
        let (signing, verifying) = pair::<Access>();
        let token = signing.sign(&Access { sub: "x".into() }).unwrap();
        let (_, rest) = token.split_once('.').unwrap();
        let cases = [
            (
                r#"{"alg":"none","kid":"a1","typ":"at+jwt"}"#,
                SignatureRefused::WrongAlgorithm,
            ),
            (
                r#"{"alg":"HS256","kid":"a1","typ":"at+jwt"}"#,
                SignatureRefused::WrongAlgorithm,
            ),
            (
                r#"{"alg":"EdDSA","kid":"b2","typ":"at+jwt"}"#,
                SignatureRefused::UnknownKey,
            ),
            (
                r#"{"alg":"EdDSA","kid":"a1","typ":"JWT"}"#,
                SignatureRefused::WrongType,
            ),
            (r#"{"alg":"EdDSA","kid":"a1"}"#, SignatureRefused::Malformed),
            (
                r#"{"alg":"EdDSA","kid":"a1","typ":"at+jwt","jwk":{}}"#,
                SignatureRefused::Malformed,
            ),
            (
                r#"{"alg":"EdDSA","kid":"a1","typ":"at+jwt","crit":["x"]}"#,
                SignatureRefused::Malformed,
            ),
            (
                r#"{"alg":"EdDSA", "kid":"a1","typ":"at+jwt"}"#,
                SignatureRefused::WrongSignature,
            ),
        ];
        for (header, reason) in cases {
            let forged = format!("{}.{rest}", base64url::encode(header));
            assert_eq!(verifying.verify(&forged), Err(reason), "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_altered_character_is_noticed(sub in "[a-z:]{0,20}", at in any::<proptest::sample::Index>(), by in "[A-Za-z0-9_.-]") {
            let (signing, verifying) = pair::<Access>();
            let token = signing.sign(&Access { sub }).unwrap();
            let index = at.index(token.len());
            let mut altered = token.clone();
            altered.replace_range(index..=index, &by);
            prop_assume!(altered != token);
            prop_assert!(verifying.verify(&altered).is_err());
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,120}") {
            let (_, verifying) = pair::<Access>();
            prop_assert!(verifying.verify(&text).is_err());
        }
    }
}
