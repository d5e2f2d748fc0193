//! Which tokens hold, and with which key.

use proptest::prelude::*;
use serde_json::json;

use super::signer::{ED_X, N, Signer, X, Y, kid};
use crate::base64url::encode;
use crate::foreign::{Algorithm, ForeignKeys, ForeignRefused, unverified_claims};

const CLAIMS: &str = r#"{"iss":"joe","exp":1300819380}"#;

fn header(algorithm: Algorithm) -> String {
    json!({ "alg": algorithm.as_str(), "kid": kid(algorithm) }).to_string()
}

#[test]
fn the_examples_of_rfc_7515_and_rfc_8037_verify() {
    let a2 = concat!(
        "eyJhbGciOiJSUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5",
        "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb",
        "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO",
        "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    let a3 = concat!(
        "eyJhbGciOiJFUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let keys = Signer::new().keys();
    for token in [a2, a3] {
        let verified = keys.verify(token, &Algorithm::ALL).unwrap();
        assert_eq!(verified.claims()["iss"], "joe");
        assert_eq!(verified.claims()["http://example.com/is_root"], true);
        assert_eq!(verified.typ(), None);
    }
    // What RFC 8037 appendix A.4 signs are no claims, which is noticed once the signature holds.
    let a4 = concat!(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    let refused = |token: &str| keys.verify(token, &Algorithm::ALL).unwrap_err();
    assert_eq!(refused(a4), ForeignRefused::Malformed);
    assert_eq!(
        refused(&a4.replace(".hgy", ".hgz")),
        ForeignRefused::UnknownKey
    );
}

#[test]
fn every_algorithm_verifies_under_its_own_name_alone() {
    let signer = Signer::new();
    let keys = signer.keys();
    for made_with in Algorithm::ALL {
        for named in Algorithm::ALL {
            let token = signer.token(made_with, &header(named), CLAIMS);
            let verified = keys.verify(&token, &Algorithm::ALL);
            if made_with.is_same(named) {
                assert!(verified.is_ok(), "{made_with} as {named}: {verified:?}");
            } else {
                let refused = verified.unwrap_err();
                assert_eq!(
                    refused,
                    ForeignRefused::WrongSignature,
                    "{made_with} as {named}"
                );
            }
        }
    }
}

#[test]
fn headers_that_ask_for_something_else_are_refused() {
    let signer = Signer::new();
    let keys = signer.keys();
    let long = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(16 * 1024));
    let cases = [
        (r#"{"alg":"none"}"#, ForeignRefused::Algorithm),
        (r#"{"alg":"HS256","kid":"rsa"}"#, ForeignRefused::Algorithm),
        (r#"{"alg":"es256","kid":"p256"}"#, ForeignRefused::Algorithm),
        // Good, but not what this caller allows.
        (r#"{"alg":"RS384","kid":"rsa"}"#, ForeignRefused::Algorithm),
        (
            r#"{"alg":"RS256","kid":"p256"}"#,
            ForeignRefused::KeyMismatch,
        ),
        (
            r#"{"alg":"ES256","kid":"p384"}"#,
            ForeignRefused::KeyMismatch,
        ),
        (r#"{"alg":"ES256","kid":"ed"}"#, ForeignRefused::KeyMismatch),
        (
            r#"{"alg":"ES256","kid":"other"}"#,
            ForeignRefused::UnknownKey,
        ),
        (r#"{"alg":"ES256","kid":""}"#, ForeignRefused::UnknownKey),
        (r#"{"alg":"ES256","kid":1}"#, ForeignRefused::Malformed),
        (r#"{"alg":"ES256","typ":null}"#, ForeignRefused::Malformed),
        (r#"{"alg":256}"#, ForeignRefused::Malformed),
        (r#"{"kid":"p256"}"#, ForeignRefused::Malformed),
        (r#"{"alg":"none","alg":"ES256"}"#, ForeignRefused::Malformed),
        (
            r#"{"alg":"ES256","crit":["exp"]}"#,
            ForeignRefused::Critical,
        ),
        (r#"{"alg":"ES256","crit":[]}"#, ForeignRefused::Critical),
        (
            r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#,
            ForeignRefused::Critical,
        ),
        ("[]", ForeignRefused::Malformed),
        ("", ForeignRefused::Malformed),
        (&long, ForeignRefused::TooLong),
    ];
    let allowed = [Algorithm::Es256, Algorithm::Rs256];
    for (header, reason) in cases {
        let token = signer.token(Algorithm::Es256, header, CLAIMS);
        let refused = keys.verify(&token, &allowed).unwrap_err();
        assert_eq!(refused, reason, "{header:.80}");
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let keys = Signer::new().keys();
    for secret in [N, X, Y, ED_X] {
        let signed = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(CLAIMS));
        let tag = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &crate::decode(secret).unwrap());
        let tag = ring::hmac::sign(&tag, signed.as_bytes());
        let token = format!("{signed}.{}", encode(tag));
        let refused = keys.verify(&token, &Algorithm::ALL);
        assert_eq!(refused.unwrap_err(), ForeignRefused::Algorithm);
    }
}

#[test]
fn a_key_that_names_its_algorithm_verifies_no_other() {
    let signer = Signer::new();
    let cases = [
        (Algorithm::Rs256, "PS256", false),
        (Algorithm::Ps256, "PS256", true),
        (Algorithm::Ed25519, "EdDSA", true),
        (Algorithm::EdDsa, "Ed25519", true),
    ];
    for (algorithm, of_key, holds) in cases {
        let mut jwks = signer.jwks();
        jwks.retain(|jwk| jwk["kid"] == kid(algorithm));
        jwks[0]["alg"] = of_key.into();
        let keys = ForeignKeys::parse_value(&json!({ "keys": jwks })).unwrap();
        let token = signer.token(algorithm, &header(algorithm), CLAIMS);
        let verified = keys.verify(&token, &Algorithm::ALL);
        assert_eq!(
            verified.is_ok(),
            holds,
            "{algorithm} with a key for {of_key}"
        );
    }
}

#[test]
fn without_a_name_few_keys_are_tried() {
    let signer = Signer::new();
    let p256 = signer.jwks().swap_remove(1);
    let set = |count: usize| {
        let mut keys = vec![json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y }); count];
        keys.push(p256.clone());
        ForeignKeys::parse_value(&json!({ "keys": keys })).unwrap()
    };
    let unnamed = signer.token(Algorithm::Es256, r#"{"alg":"ES256"}"#, CLAIMS);
    let named = signer.token(Algorithm::Es256, &header(Algorithm::Es256), CLAIMS);
    let verify = |keys: ForeignKeys, token: &str| keys.verify(token, &[Algorithm::Es256]).err();
    assert_eq!(verify(set(7), &unnamed), None);
    assert_eq!(verify(set(8), &unnamed), Some(ForeignRefused::Unnamed));
    assert_eq!(verify(set(8), &named), None);
    // A key without a name is not the one that a token names.
    let nameless = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": X, "y": Y }] });
    let nameless = ForeignKeys::parse_value(&nameless).unwrap();
    assert_eq!(verify(nameless, &named), Some(ForeignRefused::UnknownKey));
    // Of no fitting type: a newer set may have one.
    let token = signer.token(Algorithm::Rs256, r#"{"alg":"RS256"}"#, CLAIMS);
    let refused = set(0).verify(&token, &[Algorithm::Rs256]).err();
    assert_eq!(refused, Some(ForeignRefused::UnknownKey));
}

#[test]
fn claims_are_one_object() {
    let signer = Signer::new();
    let keys = signer.keys();
    let verify = |claims: &str| {
        let token = signer.token(Algorithm::EdDsa, r#"{"alg":"EdDSA","typ":"JWT"}"#, claims);
        keys.verify(&token, &Algorithm::ALL)
    };
    let verified = verify(CLAIMS).unwrap();
    assert_eq!(verified.typ(), Some("JWT"));
    assert_eq!(verified.claims()["iss"], "joe");
    assert!(verify("{}").unwrap().claims().is_empty());
    for claims in ["", "[]", "null", r#"{"iss":"joe","iss":"eve"}"#] {
        assert_eq!(
            verify(claims).unwrap_err(),
            ForeignRefused::Malformed,
            "{claims}"
        );
    }
}

#[test]
fn what_a_token_says_can_be_read_before_anybody_vouches_for_it() {
    let token = format!("{}.{}.", encode("{}"), encode(r#"{"sub":"a"}"#));
    assert_eq!(unverified_claims(&token).unwrap()["sub"], "a");
    for text in ["", "..", "a.b", "a.e30"] {
        assert_eq!(
            unverified_claims(text),
            Err(ForeignRefused::Malformed),
            "{text}"
        );
    }
    let long = "a".repeat(16 * 1024 + 1);
    assert_eq!(unverified_claims(&long), Err(ForeignRefused::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_altered_character_is_noticed(which in 0..Algorithm::ALL.len(), at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.=-]") {
        let (signer, algorithm) = (Signer::new(), Algorithm::ALL[which]);
        let token = signer.token(algorithm, &header(algorithm), CLAIMS);
        let index = at.index(token.len());
        let mut altered = token.clone();
        altered.replace_range(index..=index, &by);
        prop_assume!(altered != token);
        prop_assert!(signer.keys().verify(&altered, &Algorithm::ALL).is_err());
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,120}", parts in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}") {
        let keys = Signer::new().keys();
        for token in [&text, &parts] {
            prop_assert!(keys.verify(token, &Algorithm::ALL).is_err());
        }
        prop_assert!(ForeignKeys::parse(text.as_bytes()).is_err());
    }

    #[test]
    fn no_member_of_any_size_makes_a_key_set_panic(kty in "RSA|EC|OKP", crv in "P-256|P-384|Ed25519", a in prop::collection::vec(any::<u8>(), 0..600), b in prop::collection::vec(any::<u8>(), 0..60)) {
        let (a, b) = (encode(a), encode(b));
        let key = json!({ "kty": kty, "crv": crv, "n": a, "e": b, "x": b, "y": b });
        let _ = ForeignKeys::parse_value(&json!({ "keys": [key] }));
    }
}
