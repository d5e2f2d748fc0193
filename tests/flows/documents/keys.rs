//! A client that signs with its own key, which its document says where to find.

use std::time::Duration;

use harness::client::{REDIRECT, Tokens, VERIFIER, body};
use harness::{FetchFailed, MemoryWeb, Web, World};
use http::StatusCode;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::document;
use super::in_memory::{Network, URL, connected};

const KEYS: &str = "https://keys.example.com/jwks.json";

/// Key number `n`, which publishes itself under that name.
fn key(n: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[n; 32]).unwrap()
}

fn key_set(n: u8) -> Value {
    let x = jose::encode(key(n).public_key().as_ref());
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": n.to_string(), "x": x}]})
}

/// An assertion of the client, signed with key `n` so many seconds into the story.
fn assertion(world: &World<MemoryWeb>, n: u8, seconds: u64) -> String {
    let now = 1_800_000_000 + seconds;
    let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": n.to_string()});
    let claims = json!({
        "iss": URL, "sub": URL, "aud": world.web.issuer(), "iat": now, "exp": now + 60,
        "jti": format!("{n}-{seconds}"),
    });
    let [header, claims] = [header, claims].map(|part| jose::encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = jose::encode(key(n).sign(signed.as_bytes()).as_ref());
    format!("{signed}.{signature}")
}

async fn token(
    world: &World<MemoryWeb>,
    assertion: &str,
    more: &[(&str, &str)],
) -> http::Response<bytes::Bytes> {
    let mut fields = more.to_vec();
    fields.extend([
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ]);
    world.client.token(&world.web, &fields).await
}

async fn refresh(
    world: &World<MemoryWeb>,
    assertion: &str,
    refresh: &str,
) -> http::Response<bytes::Bytes> {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    token(world, assertion, &fields).await
}

/// A signed-in client whose keys are at an address, and its refresh token.
async fn signed_in() -> (World<MemoryWeb>, Network, String) {
    let (world, network) = connected("max-age=86400").await;
    let mut document = document(URL);
    document["token_endpoint_auth_method"] = json!("private_key_jwt");
    document["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "none"]);
    document["jwks_uri"] = json!(KEYS);
    network.serves(URL, &document, "max-age=86400");
    network.serves(KEYS, &key_set(1), "max-age=86400");
    let code = world.code("ada").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let bare = world.client.token(&world.web, &fields).await;
    assert_eq!(body(&bare)["error"], "invalid_client", "its id alone");
    let other = token(&world, &assertion(&world, 2, 0), &fields).await;
    assert_eq!(body(&other)["error"], "invalid_client", "another's key");
    let tokens = Tokens::read(&token(&world, &assertion(&world, 1, 0), &fields).await);
    (world, network, tokens.refresh)
}

#[tokio::test]
async fn a_client_proves_itself_with_a_key_from_its_address() {
    let (world, network, held) = signed_in().await;
    let again = assertion(&world, 1, 1);
    Tokens::read(&refresh(&world, &again, &held).await);
    // Document and keys, each once, whoever signed.
    assert_eq!(network.asked.get(), 2);
    let replayed = refresh(&world, &again, &held).await;
    assert_eq!(body(&replayed)["error"], "invalid_client");
}

#[tokio::test]
async fn a_client_may_rotate_its_keys_while_copies_are_fresh() {
    let (world, network, held) = signed_in().await;
    network.serves(KEYS, &key_set(2), "max-age=86400");
    // Nobody may have us ask for every assertion.
    let early = refresh(&world, &assertion(&world, 2, 1), &held).await;
    assert_eq!(body(&early)["error"], "invalid_client");
    assert_eq!(network.asked.get(), 2);
    world.web.pass(Duration::from_secs(60)).await;
    Tokens::read(&refresh(&world, &assertion(&world, 2, 60), &held).await);
    assert_eq!(network.asked.get(), 3);
    let old = refresh(&world, &assertion(&world, 1, 61), &held).await;
    assert_eq!(body(&old)["error"], "invalid_client");
}

#[tokio::test]
async fn keys_that_cannot_be_read_right_now_sign_nobody_out() {
    let (world, network, held) = signed_in().await;
    world.web.pass(Duration::from_secs(8 * 86_400)).await;
    network.fails(KEYS, FetchFailed::Unreachable);
    let signed = assertion(&world, 1, 8 * 86_400);
    let answer = refresh(&world, &signed, &held).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body(&answer)["error"], "temporarily_unavailable");
    network.serves(KEYS, &key_set(1), "max-age=86400");
    Tokens::read(&refresh(&world, &signed, &held).await);
}
