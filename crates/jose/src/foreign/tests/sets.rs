//! What is a JWK Set, and which keys of it are used.

use serde_json::{Value, json};

use super::signer::{ED_X, N, X, Y};
use crate::base64url::{decode, encode};
use crate::foreign::{ForeignKeys, ForeignKeysRefused, JwkRefused};

fn ed() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": ED_X })
}

fn rsa(n: &str, e: &str) -> Value {
    json!({ "kty": "RSA", "n": n, "e": e })
}

fn with(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
    key[name] = value.into();
    key
}

fn parse(keys: &[Value]) -> Result<usize, ForeignKeysRefused> {
    let text = json!({ "keys": keys }).to_string();
    ForeignKeys::parse(text.as_bytes()).map(|keys| keys.0.len())
}

#[test]
fn what_is_no_key_set_is_refused() {
    let many = json!({ "keys": vec![ed(); 33] }).to_string();
    let large = format!("{}{}", json!({ "keys": [ed()] }), " ".repeat(64 * 1024));
    let cases = [
        ("", ForeignKeysRefused::Malformed),
        ("[]", ForeignKeysRefused::Malformed),
        ("{}", ForeignKeysRefused::Malformed),
        (r#"{"keys":{}}"#, ForeignKeysRefused::Malformed),
        (r#"{"keys":[],"keys":[]}"#, ForeignKeysRefused::Malformed),
        (r#"{"keys":[]}"#, ForeignKeysRefused::NoKey),
        (&many, ForeignKeysRefused::TooMany),
        (&large, ForeignKeysRefused::TooLarge),
    ];
    for (json, reason) in cases {
        let refused = ForeignKeys::parse(json.as_bytes()).unwrap_err();
        assert_eq!(refused, reason, "{:.80}", json);
    }
}

#[test]
fn keys_of_other_kinds_and_for_other_uses_are_left_out() {
    let large = encode([0xff; 513]);
    let others = [
        with(ed(), "use", "enc"),
        with(ed(), "key_ops", json!(["encrypt"])),
        with(ed(), "alg", "ECDH-ES"),
        with(rsa(N, "AQAB"), "alg", "RSA-OAEP"),
        rsa(&large, "AQAB"),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }),
        json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": ED_X }),
    ];
    for other in others {
        assert_eq!(
            parse(std::slice::from_ref(&other)),
            Err(ForeignKeysRefused::NoKey),
            "{other}"
        );
        assert_eq!(parse(&[other.clone(), ed()]), Ok(1), "{other}");
    }
}

#[test]
fn keys_that_say_what_they_are_for_are_used() {
    let good = [
        with(ed(), "use", "sig"),
        with(ed(), "key_ops", json!(["verify"])),
        with(ed(), "alg", "EdDSA"),
        with(ed(), "alg", "Ed25519"),
        with(rsa(N, "AQAB"), "alg", "PS256"),
        with(rsa(N, "AQAB"), "x5t", "AA"),
        rsa(&encode([vec![0], decode(N).unwrap()].concat()), "AQAB"),
    ];
    assert_eq!(parse(&good), Ok(good.len()));
}

#[test]
fn one_bad_key_spoils_its_set_and_is_named() {
    let member = JwkRefused::Member;
    let modulus = decode(N).unwrap();
    let even = encode([&modulus[..255], &[0]].concat());
    let ec = |x: &str, y: &str| json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
    let cases = [
        (json!("key"), JwkRefused::NotAnObject),
        (json!({ "kid": "a" }), member("kty")),
        (json!({ "kty": 1 }), member("kty")),
        (json!({ "kty": "oct", "k": "AAAA" }), JwkRefused::Symmetric),
        (with(ed(), "d", ED_X), JwkRefused::Private("d")),
        (with(ec(X, Y), "d", X), JwkRefused::Private("d")),
        (with(rsa(N, "AQAB"), "p", "AQ"), JwkRefused::Private("p")),
        (with(ed(), "kid", 1), member("kid")),
        (with(ed(), "use", 1), member("use")),
        (with(ed(), "key_ops", "verify"), member("key_ops")),
        (with(ed(), "alg", "RS256"), member("alg")),
        (with(ec(X, Y), "alg", "ES384"), member("alg")),
        (json!({ "kty": "OKP", "x": ED_X }), member("crv")),
        (json!({ "kty": "OKP", "crv": "Ed25519" }), member("x")),
        (with(ed(), "x", "AA"), member("x")),
        (with(ed(), "x", "not base64url"), member("x")),
        // The identity, and another point of small order.
        (
            with(ed(), "x", encode([vec![1], vec![0; 31]].concat())),
            JwkRefused::BadPoint,
        ),
        (with(ed(), "x", encode([0; 32])), JwkRefused::BadPoint),
        (ec(X, &encode([0; 31])), member("y")),
        (ec(Y, X), JwkRefused::BadPoint),
        (ec(&encode([0; 32]), &encode([0; 32])), JwkRefused::BadPoint),
        (json!({ "kty": "RSA", "n": N }), member("e")),
        (rsa("", "AQAB"), JwkRefused::Short),
        (rsa(&encode(&modulus[..128]), "AQAB"), JwkRefused::Short),
        (
            rsa(&encode([&[0; 8], &modulus[..248]].concat()), "AQAB"),
            JwkRefused::Short,
        ),
        (rsa(&even, "AQAB"), JwkRefused::BadRsa),
        (rsa(N, ""), JwkRefused::BadRsa),
        (rsa(N, "AQ"), JwkRefused::BadRsa),
        (rsa(N, "Ag"), JwkRefused::BadRsa),
        (rsa(N, N), JwkRefused::BadRsa),
    ];
    for (bad, reason) in cases {
        let refused = parse(&[ed(), bad.clone()]);
        let expected = ForeignKeysRefused::Key { index: 1, reason };
        assert_eq!(refused, Err(expected), "{bad}");
        assert!(expected.to_string().starts_with("`keys[1]` "), "{expected}");
    }
}
