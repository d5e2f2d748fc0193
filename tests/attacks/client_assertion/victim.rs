//! A client with a key, as an attacker knows it, and what it signs.
//!
//! *Invariant:* what it claims by default is what an honest client claims.

use harness::client::{Client, REDIRECT, VERIFIER};
use harness::{Web, World};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::attacks::registered;

pub(super) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with a key, which an attacker may not have but whose mistakes they know.
pub(super) struct Victim {
    pub(super) client: Client,
    pub(super) key: Ed25519KeyPair,
    pub(super) now: u64,
}

pub(super) fn key(seed: u8) -> Ed25519KeyPair {
    let seed = jose::sha256(&[seed]);
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

pub(super) fn public(key: &Ed25519KeyPair) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": "mine", "x": jose::encode(key.public_key().as_ref())})
}

impl Victim {
    pub(super) async fn register(world: &World<impl Web>) -> Self {
        let key = key(1);
        let jwks = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [public(&key)]}});
        let (client, _) = registered(&world.web, &world.client, &jwks).await;
        let now = world.web.now().as_seconds();
        Self { client, key, now }
    }

    /// What an honest client would claim.
    pub(super) fn claims(&self, web: &impl Web, jti: &str) -> Value {
        json!({
            "iss": self.client.id, "sub": self.client.id, "aud": web.issuer(), "jti": jti,
            "iat": self.now, "exp": self.now + 120,
        })
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        sign(&self.key, &json!({"alg": "EdDSA", "kid": "mine"}), claims)
    }

    pub(super) async fn code(&self, world: &World<impl Web>) -> String {
        world.browser.forget();
        let page = world
            .browser
            .open(&world.web, &self.client.authorize_url(&[]))
            .await;
        let people = world.agree(&page).await;
        world
            .sign_in(&people, "ada")
            .await
            .parameter("code")
            .unwrap()
    }
}

pub(super) fn sign(key: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let input = format!(
        "{}.{}",
        jose::encode(header.to_string()),
        jose::encode(claims.to_string())
    );
    let signature = key.sign(input.as_bytes());
    format!("{input}.{}", jose::encode(signature.as_ref()))
}

pub(super) fn spend<'a>(code: &'a str, assertion: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT),
        ("client_assertion_type", KIND),
        ("client_assertion", assertion),
    ]
}
