//! Who makes credentials in these stories, with keys of their own and libraries of strangers.

use harness::Web;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// The secret that somebody shares with the server.
pub(crate) const SECRET: &str = "a secret of forty-two characters, at least";
/// The key that stands in the variable under the name `env`.
pub(crate) const ENV_KEY: &str = "4f1c0a3f9be24c1d8f6e";
/// The key that stands there without a name.
pub(crate) const NAMELESS_KEY: &str = "9d27b8c6e1f04a5b8c3d";
/// The keys that stand in the file, by their hashes.
pub(crate) const CI_KEY: &str = "ci-0f8e7d6c5b4a39281706";
pub(crate) const OLD_KEY: &str = "old-0f8e7d6c5b4a3928170";
pub(crate) const READER_KEY: &str = "reader-0f8e7d6c5b4a3928";
/// The audience tag of the application in front of which Access stands.
pub(crate) const TAG: &str = "6f2a3f9be24c1d8f6e4f1c0a";

/// The issuers of the file: what they call themselves, and the path and number of their key.
pub(crate) const CORP: (&str, &str, u8) = ("https://corp.example/", "/corp.json", 1);
pub(crate) const PARTNER: (&str, &str, u8) = ("https://partner.example", "/partner.json", 2);
pub(crate) const GONE: (&str, &str, u8) = ("https://gone.example", "/gone.json", 3);
/// Where Access publishes its keys, and the number of the one that signs.
pub(crate) const CERTS: (&str, u8) = ("/cdn-cgi/access/certs", 4);

fn pair(number: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap()
}

/// The public half of a key.
pub(crate) fn public(number: u8) -> Value {
    let x = jose::encode(pair(number).public_key().as_ref());
    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": number.to_string(), "x": x})
}

/// The set with these keys.
pub(crate) fn key_set(numbers: &[u8]) -> Value {
    let keys: Vec<Value> = numbers.iter().map(|number| public(*number)).collect();
    json!({ "keys": keys })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| jose::encode(part.to_string()));
    format!("{header}.{claims}")
}

/// A token that key `number` signed, and that says so.
pub(crate) fn signed(number: u8, claims: &Value) -> String {
    signed_as(
        number,
        &json!({"alg": "EdDSA", "kid": number.to_string()}),
        claims,
    )
}

/// A token that key `number` signed under this header.
pub(crate) fn signed_as(number: u8, header: &Value, claims: &Value) -> String {
    let text = unsigned(header, claims);
    let signature = pair(number).sign(text.as_bytes());
    format!("{text}.{}", jose::encode(signature.as_ref()))
}

/// A token with a MAC.
pub(crate) fn maced(secret: &[u8], claims: &Value) -> String {
    let text = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!("{text}.{}", jose::encode(hmac::sign(&key, text.as_bytes())))
}

/// A token that nobody signed.
pub(crate) fn bare(claims: &Value) -> String {
    format!("{}.", unsigned(&json!({"alg": "none"}), claims))
}

/// Claims of `issuer` for this server, with some otherwise; those that are null are left out.
pub(crate) fn claims(web: &impl Web, issuer: &str, otherwise: &Value) -> Value {
    let now = web.now().as_seconds();
    let mut claims = json!({
        "iss": issuer, "aud": "postern", "sub": "alice", "iat": now, "exp": now + 600,
        "name": "Alice",
    });
    for (name, value) in otherwise.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let claims = claims.as_object().unwrap().clone();
    let claims = claims.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(claims.collect())
}
