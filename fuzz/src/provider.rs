//! What identity providers say: their metadata, their ID tokens, their token answers.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::sync::LazyLock;

use http::StatusCode;
use jose::{ForeignKeys, Secret, Signed, SigningKeys, derive};
use oauth::Timestamp;
use providers::{Claims, Discovered, Expected, TokenAnswer, Upstream, Wishes};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

const ISSUER: &str = "https://id.example.com/a";
const CLIENT: &str = "the-client";
const NONCE: &str = "the-nonce";
const NOW: u64 = 1_800_000_000;

/// Any claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Said(Map<String, Value>);

impl Signed for Said {
    const TYP: &'static str = "JWT";
}

static KEYS: LazyLock<(SigningKeys<Said>, ForeignKeys)> = LazyLock::new(|| {
    let master = Secret::new(jose::sha256(b"the master of a provider"));
    let (private, _) = derive::signing_pair(&master, "provider");
    let signing = SigningKeys::<Said>::parse("key", &private).expect("keys");
    let published = json!({ "keys": signing.verifying().public_keys() });
    let published = ForeignKeys::parse(published.to_string().as_bytes());
    (signing, published.expect("our own keys are public keys"))
});

static PROVIDER: LazyLock<(Upstream, Discovered)> = LazyLock::new(|| {
    let provider = providers::find("oidc").expect("it is in the catalogue");
    let upstream = Upstream::read(provider, Wishes::default(), |name| {
        let value = match name {
            "oidc_issuer" => ISSUER,
            "oidc_host" => "id.example.com",
            "oidc_token_host" => "api.example.com:8443",
            "oidc_client_id" => CLIENT,
            _ => return None,
        };
        Some(value.to_owned())
    });
    let upstream = upstream.expect("it is set").expect("it is on");
    let document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example.com/authorize",
        "token_endpoint": "https://api.example.com:8443/token",
        "jwks_uri": "https://id.example.com/jwks",
    });
    let known = upstream.discovered(document.to_string().as_bytes());
    (upstream, known.expect("it is its own document"))
});

/// Requests lead to hosts that the manifest names, a token makes a person only for this client and
/// this sign-in, and an answer with an error has no tokens.
pub fn provider(data: &[u8]) {
    document(data);
    id_token(data);
    token_answer(data);
}

fn document(data: &[u8]) {
    let (upstream, _) = &*PROVIDER;
    let Ok(known) = upstream.discovered(data) else {
        return;
    };
    for address in known.addresses() {
        // Who judges an address and who sends the request may read it by different rules.
        let judged = Url::parse(address).expect("an endpoint is a URL");
        let sent: http::Uri = address.parse().expect("an endpoint is a URI");
        let hosts = [judged.host_str(), sent.host()];
        for host in hosts.map(|host| host.expect("an endpoint has a host").to_ascii_lowercase()) {
            let port = sent.port_u16().unwrap_or(443);
            let named = [("id.example.com", 443), ("api.example.com", 8443)];
            assert!(named.contains(&(host.as_str(), port)), "{address}");
            assert_eq!(judged.port_or_known_default(), Some(port));
        }
        assert_eq!(judged.scheme(), "https");
        assert_eq!(sent.scheme_str(), Some("https"));
    }
}

fn id_token(data: &[u8]) {
    let (signing, published) = &*KEYS;
    let (upstream, known) = &*PROVIDER;
    let expected = Expected {
        nonce: Some(NONCE),
        access_token: "access",
        max_age: None,
        now: Timestamp::from_seconds(NOW),
    };
    if let Ok(text) = std::str::from_utf8(data) {
        let unsigned = upstream.id_token(text, (known, published), &expected);
        assert!(unsigned.is_err(), "nobody signed it");
    }
    let Some(said) = jose::json_object(data) else {
        assert_eq!(Claims::of_answer(data), None);
        return;
    };
    let claims = Claims::of_token(said.clone());
    // Whatever is said, it is said of one of this provider's people.
    if let Ok(person) = upstream.person(&claims) {
        assert!(person.subject.is_of(&upstream.source));
    }
    let token = signing.sign(&Said(said.clone())).expect("JSON is signed");
    if upstream
        .id_token(&token, (known, published), &expected)
        .is_ok()
    {
        let audience = said.get("aud").map(Value::to_string);
        assert!(audience.is_some_and(|audience| audience.contains(CLIENT)));
        assert_eq!(said.get("iss"), Some(&ISSUER.into()));
        assert_eq!(said.get("nonce"), Some(&NONCE.into()));
        let expires = said.get("exp").and_then(Value::as_f64);
        assert!(expires.is_some_and(|expires| expires > 1_799_999_940.0));
    }
}

fn token_answer(data: &[u8]) {
    let said = jose::json_object(data);
    for status in [200, 400, 503] {
        let status = StatusCode::from_u16(status).expect("a status");
        if let Ok(answer) = TokenAnswer::read(status, data) {
            let said = said.as_ref().expect("tokens are members of an object");
            assert!(status.is_success());
            assert!(said.get("error").is_none_or(Value::is_null));
            assert_ne!(said.get("ok"), Some(&false.into()));
            assert_eq!(said.get("access_token"), Some(&answer.access_token.into()));
        }
    }
}
