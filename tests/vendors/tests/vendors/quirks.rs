//! Every quirk changes what it says that it changes.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::Value;
use vendors::{Endpoint, Fault, Kind, Quirk};

use crate::wire::{Answered, NONCE, Wire, parts};

/// What a client makes out of a sign-in, as far as it comes.
struct Outcome {
    back: Answered,
    token: Option<Answered>,
    issuer: Value,
    id_token: Option<String>,
    verified: bool,
    header: Value,
    claims: Value,
    listed: bool,
    maced: bool,
    userinfo: Value,
}

impl Outcome {
    async fn of(wire: &Wire) -> Self {
        let document = wire.get_endpoint(Endpoint::Discovery, "").await.json();
        let mut outcome = Self {
            back: wire.authorize(&[]).await,
            token: None,
            issuer: document["issuer"].clone(),
            id_token: None,
            verified: false,
            header: Value::Null,
            claims: Value::Null,
            listed: false,
            maced: false,
            userinfo: Value::Null,
        };
        let Some(code) = outcome.back.parameter("code") else {
            return outcome;
        };
        let answer = wire.redeem(&code).await;
        let tokens = answer.json();
        outcome.token = Some(answer);
        if let Some(bearer) = tokens["access_token"].as_str() {
            outcome.userinfo = wire.get_endpoint(Endpoint::Userinfo, bearer).await.json();
        }
        if let Some(token) = tokens["id_token"].as_str() {
            (outcome.header, outcome.claims) = parts(token);
            outcome.verified = wire.verified(token).await.is_some();
            let keys = wire.keys().await;
            outcome.listed = keys.iter().any(|key| key["kid"] == outcome.header["kid"]);
            outcome.maced = keys.first().is_some_and(|key| is_maced(token, key));
            outcome.id_token = Some(token.to_owned());
        }
        outcome
    }

    /// A member of the token answer.
    fn answered(&self, name: &str) -> Value {
        let token = self.token.as_ref().map(Answered::json);
        token.map(|token| token[name].clone()).unwrap_or_default()
    }

    fn status(&self) -> u16 {
        self.token.as_ref().map_or(0, |token| token.status)
    }

    fn payload(&self) -> String {
        let token = self.id_token.as_deref().unwrap_or_default();
        let payload = token.split('.').nth(1).unwrap_or_default();
        String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    fn iat(&self) -> u64 {
        self.claims["iat"].as_u64().unwrap_or_default()
    }
}

fn now() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    #[expect(
        clippy::disallowed_methods,
        reason = "vendors have this machine's clock"
    )]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

type Row = (Quirk, fn(&Outcome) -> bool);

/// What is true with a quirk of the ID token, and false without.
fn of_id_tokens() -> Vec<Row> {
    vec![
        (Quirk::WrongIssuer, |o| {
            o.verified && o.claims["iss"] != o.issuer
        }),
        (Quirk::WrongAudience, |o| {
            o.verified && o.claims["aud"] == "another-client"
        }),
        (Quirk::WrongAuthorizedParty, |o| {
            let both = o.claims["aud"].as_array().is_some_and(|aud| aud.len() == 2);
            o.verified && both && o.claims["azp"] == "another-client"
        }),
        (Quirk::WrongNonce, |o| {
            o.verified && o.claims["nonce"] != NONCE
        }),
        (Quirk::MissingNonce, |o| {
            o.verified && o.claims.get("nonce").is_none()
        }),
        (Quirk::Expired, |o| {
            o.verified && o.claims["exp"].as_u64() < Some(now() - 3000)
        }),
        (Quirk::NotYetValid, |o| {
            o.verified && o.claims["nbf"].as_u64() > Some(now() + 3000)
        }),
        (Quirk::IssuedInTheFuture, |o| {
            o.verified && o.iat() > now() + 3000
        }),
        (Quirk::Unsigned, |o| {
            let token = o.id_token.as_deref();
            o.header["alg"] == "none" && token.is_some_and(|token| token.ends_with('.'))
        }),
        (Quirk::SignedWithPublicKey, |o| {
            o.header["alg"] == "HS256" && o.maced
        }),
        (Quirk::UnknownKeyId, |o| {
            o.header["kid"] == "unknown" && !o.listed
        }),
        (Quirk::UnlistedKey, |o| {
            o.header["kid"] == "unlisted" && !o.listed
        }),
        (Quirk::RotatedKeys, |o| {
            o.verified && o.header["kid"] == "rsa-2026"
        }),
        (Quirk::WrongAccessTokenHash, |o| {
            o.verified && o.claims["at_hash"] == wrong_hash()
        }),
        (Quirk::DuplicateClaims, |o| {
            o.payload().matches("\"sub\":").count() == 2
        }),
        (Quirk::MissingIdToken, |o| {
            o.status() == 200 && o.id_token.is_none()
        }),
    ]
}

/// The same, of everything else.
fn of_answers() -> Vec<Row> {
    vec![
        (Quirk::OtherSubject, |o| {
            o.verified && o.userinfo["sub"] != o.claims["sub"]
        }),
        (Quirk::MissingEmail, |o| {
            o.claims.get("email").is_none() && o.userinfo.get("email").is_none()
        }),
        (Quirk::UnverifiedEmail, |o| {
            o.claims["email_verified"] == false && o.userinfo["email_verified"] == false
        }),
        (Quirk::MissingRefreshToken, |o| {
            o.verified && o.answered("refresh_token").is_null()
        }),
        (Quirk::TokenErrorWith200, |o| {
            o.status() == 200 && o.answered("error") == "invalid_grant"
        }),
        (Quirk::TokenError("invalid_grant"), |o| {
            o.status() == 400 && o.answered("error") == "invalid_grant"
        }),
        (Quirk::DiscoveryIssuer, |o| {
            o.issuer == "https://another.example"
        }),
        (Quirk::AuthorizationError("login_required"), |o| {
            o.back.parameter("error").as_deref() == Some("login_required")
        }),
        (Quirk::WrongIssuerParameter, |o| {
            o.back.parameter("iss").as_deref() == Some("https://another.example")
        }),
    ]
}

/// Whether a token is MACed with the PEM of an RSA key of 2048 bits.
fn is_maced(token: &str, key: &Value) -> bool {
    // SubjectPublicKeyInfo, RFC 8017 appendix A.1: this, the modulus, and the exponent 65537.
    let before = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
    let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
    let after = vec![2, 3, 1, 0, 1];
    let der = STANDARD.encode([STANDARD.decode(before).unwrap(), modulus, after].concat());
    let lines: Vec<&str> = der
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    let (begin, end) = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----");
    let pem = format!("{begin}\n{}\n{end}\n", lines.join("\n"));
    let (message, mac) = token.rsplit_once('.').unwrap();
    let mac = URL_SAFE_NO_PAD.decode(mac).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
    hmac::verify(&key, message.as_bytes(), &mac).is_ok()
}

/// `at_hash` of a token that nobody has.
fn wrong_hash() -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, b"another access token");
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}

#[tokio::test]
async fn every_quirk_changes_what_it_says() {
    let wire = Wire::to(Kind::Oidc);
    for (quirk, shows) in of_id_tokens().into_iter().chain(of_answers()) {
        wire.vendor.behave();
        assert!(!shows(&Outcome::of(&wire).await), "without {quirk:?}");
        wire.vendor.quirk(quirk.clone());
        assert!(shows(&Outcome::of(&wire).await), "with {quirk:?}");
    }
}

#[tokio::test]
async fn a_vendor_that_behaves_is_believed() {
    let wire = Wire::to(Kind::Oidc);
    let outcome = Outcome::of(&wire).await;
    assert!(outcome.verified);
    assert_eq!(outcome.claims["iss"], outcome.issuer);
    assert_eq!(outcome.claims["sub"], outcome.userinfo["sub"]);
    assert_eq!(outcome.claims["email"], "ada@example.com");
    assert!(outcome.answered("refresh_token").is_string());
}

#[tokio::test]
async fn a_new_key_is_in_the_set_once_it_signed() {
    let wire = Wire::to(Kind::Logto);
    let before = wire.keys().await;
    wire.vendor.quirk_for(Quirk::RotatedKeys, 1);
    assert_eq!(
        wire.keys().await,
        before,
        "whoever read the set does not have it"
    );
    let tokens = wire.redeem(&wire.code().await).await.json();
    let token = tokens["id_token"].as_str().unwrap();
    assert!(wire.verified(token).await.is_some());
    assert_eq!(wire.keys().await.len(), before.len() + 1);
}

#[tokio::test]
async fn a_quirk_ends_when_it_was_told_to() {
    let wire = Wire::to(Kind::Oidc);
    wire.vendor
        .quirk_for(Quirk::TokenError("temporarily_unavailable"), 2);
    for status in [400, 400, 200] {
        assert_eq!(wire.redeem(&wire.code().await).await.status, status);
    }
}

#[tokio::test]
async fn every_fault_is_one() {
    let wire = Wire::to(Kind::Oidc);
    let keys = || wire.get_endpoint(Endpoint::Keys, "");
    let broken = |fault| wire.vendor.quirk(Quirk::Broken(Endpoint::Keys, fault));
    for (fault, status, header) in [
        (
            Fault::InternalError,
            500,
            ("content-type", "text/html; charset=utf-8"),
        ),
        (Fault::Unavailable(7), 503, ("retry-after", "7")),
        (Fault::TooManyRequests(8), 429, ("retry-after", "8")),
        (
            Fault::NotJson,
            200,
            ("content-type", "text/html; charset=utf-8"),
        ),
        (
            Fault::Redirect,
            302,
            ("location", wire.vendor.url("/elsewhere").as_str()),
        ),
    ] {
        broken(fault.clone());
        let answer = keys().await;
        assert_eq!(answer.status, status, "{fault:?}");
        assert_eq!(answer.header(header.0), header.1, "{fault:?}");
    }
    assert_eq!(wire.vendor.asked(Endpoint::Elsewhere), 0);
    broken(Fault::Huge);
    let huge = keys().await;
    assert!(huge.body.len() > 1024 * 1024 && huge.json()["keys"].is_array());
    broken(Fault::Silent);
    let patience = Duration::from_millis(100);
    assert!(tokio::time::timeout(patience, keys()).await.is_err());
    broken(Fault::Slow(patience));
    #[expect(
        clippy::disallowed_methods,
        reason = "the time it takes is what is tested"
    )]
    let begun = Instant::now();
    assert_eq!(keys().await.status, 200);
    assert!(begun.elapsed() >= patience);
    wire.vendor
        .quirk(Quirk::Broken(Endpoint::Token, Fault::InternalError));
    assert_eq!(keys().await.status, 200, "only what is broken is");
}

#[tokio::test]
async fn a_request_that_was_not_obeyed_can_be_made_again() {
    let wire = Wire::to(Kind::Auth0);
    let code = wire.code().await;
    wire.vendor
        .quirk_for(Quirk::Broken(Endpoint::Token, Fault::Unavailable(1)), 1);
    assert_eq!(wire.redeem(&code).await.status, 503);
    let tokens = wire.redeem(&code).await.json();
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    wire.vendor
        .quirk_for(Quirk::Broken(Endpoint::Token, Fault::TooManyRequests(1)), 1);
    assert_eq!(wire.refresh(refresh_token).await.status, 429);
    assert_eq!(wire.refresh(refresh_token).await.status, 200);
}
