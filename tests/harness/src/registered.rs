//! Clients that an operator wrote down, one for each way in which a client proves itself.
//!
//! *Invariant:* their keys are printed in RFC 7515 (appendices A.2, A.3), RFC 8037 (appendix A) and
//! RFC 6979 (appendix A.2.6), and what signs with them here is not what the product verifies with.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::web::Web;

const FILE: &str = include_str!("../registered.json");

/// The variable that such clients are written into.
pub const VARIABLE: &str = "oauth_registered_clients";

/// A client that an operator wrote down.
#[derive(Clone, Debug, Deserialize)]
pub struct RegisteredClient {
    /// Its id.
    pub client_id: String,
    /// How it proves itself.
    #[serde(rename = "token_endpoint_auth_method")]
    pub method: String,
    client_secret: Option<String>,
    key: Option<Value>,
    #[serde(skip)]
    algorithm: &'static str,
}

/// Which of their keys signs with an algorithm.
const ALGORITHMS: [(&str, &str); 10] = [
    ("EdDSA", "ed25519"),
    ("Ed25519", "ed25519"),
    ("ES256", "p256"),
    ("ES384", "p384"),
    ("RS256", "rsa"),
    ("RS384", "rsa"),
    ("RS512", "rsa"),
    ("PS256", "rsa"),
    ("PS384", "rsa"),
    ("PS512", "rsa"),
];

/// What the variable holds: all of them, with the public halves of their keys.
///
/// # Panics
/// If their file is not what this module expects.
#[must_use]
pub fn variable() -> String {
    let mut clients: Vec<Value> = serde_json::from_str(FILE).expect("a list of clients");
    for client in clients.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(mut key) = client.remove("key") {
            let key = key.as_object_mut().expect("a JWK");
            key.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
            client.insert("jwks".to_owned(), json!({ "keys": [key] }));
        }
    }
    Value::from(clients).to_string()
}

impl RegisteredClient {
    /// All of them.
    ///
    /// # Panics
    /// If their file is not what this module expects.
    #[must_use]
    pub fn all() -> Vec<Self> {
        serde_json::from_str(FILE).expect("a list of clients")
    }

    /// One that proves itself by `method`.
    ///
    /// # Panics
    /// If none does.
    #[must_use]
    pub fn by_method(method: &str) -> Self {
        if method == "private_key_jwt" {
            return Self::by_algorithm("EdDSA");
        }
        let mut all = Self::all().into_iter();
        all.find(|client| client.method == method)
            .unwrap_or_else(|| panic!("no client here authenticates by {method}"))
    }

    /// One whose key signs with `algorithm`.
    ///
    /// # Panics
    /// If none does.
    #[must_use]
    pub fn by_algorithm(algorithm: &str) -> Self {
        let mut known = ALGORITHMS.into_iter();
        let (algorithm, kid) = known
            .find(|(name, _)| *name == algorithm)
            .unwrap_or_else(|| panic!("no client here signs with {algorithm}"));
        let mut all = Self::all().into_iter();
        let client = all.find(|client| client.key.as_ref().is_some_and(|key| key["kid"] == kid));
        Self {
            algorithm,
            ..client.expect("a client with this key")
        }
    }

    /// Posts a form as this client, which proves itself.
    ///
    /// # Panics
    /// If the address or a value fits into no request.
    pub async fn post(
        &self,
        web: &impl Web,
        address: &str,
        fields: &[(&str, &str)],
    ) -> Response<Bytes> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match (self.method.as_str(), &self.client_secret) {
            ("client_secret_basic", Some(secret)) => {
                request = request.header(header::AUTHORIZATION, self.basic(secret));
            }
            ("client_secret_post", Some(secret)) => {
                form.append_pair("client_id", &self.client_id);
                form.append_pair("client_secret", secret);
            }
            _ => {
                form.append_pair(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                );
                form.append_pair("client_assertion", &self.assertion(web));
            }
        }
        let request = request.body(Bytes::from(form.finish()));
        web.send(request.expect("a request")).await
    }

    /// RFC 6749 §2.3.1: form-encoded each, then joined, then base64.
    fn basic(&self, secret: &str) -> HeaderValue {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let pair: [String; 2] = [encoded(&self.client_id), encoded(secret)];
        let credentials = STANDARD.encode(pair.join(":"));
        HeaderValue::try_from(format!("Basic {credentials}")).expect("a header")
    }

    /// RFC 7523 §3: who it is, twice; for whom, and for one minute, once.
    fn assertion(&self, web: &impl Web) -> String {
        static ASSERTIONS: AtomicU64 = AtomicU64::new(0);
        let now = web.now().as_seconds();
        let key = self.key.as_ref().expect("a client with a key");
        let header = json!({ "alg": self.algorithm, "kid": key["kid"] });
        let claims = json!({
            "iss": self.client_id, "sub": self.client_id, "aud": web.issuer(),
            "iat": now, "exp": now + 60,
            "jti": ASSERTIONS.fetch_add(1, Ordering::Relaxed).to_string(),
        });
        let part = |value: Value| jose::encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = sign(key, self.algorithm, signed.as_bytes());
        format!("{signed}.{}", jose::encode(signature))
    }
}

/// Signs with a private JWK.
fn sign(key: &Value, algorithm: &str, message: &[u8]) -> Vec<u8> {
    let part = |name: &str| {
        let text = key[name].as_str().expect("a part of a JWK");
        jose::decode(text).expect("base64url")
    };
    match algorithm {
        "EdDSA" | "Ed25519" => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&part("d"), &part("x"));
            pair.expect("a key").sign(message).as_ref().to_vec()
        }
        "ES256" => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, part, message),
        "ES384" => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, part, message),
        "PS256" => rsa(&RSA_PSS_SHA256, part, message),
        "PS384" => rsa(&RSA_PSS_SHA384, part, message),
        "PS512" => rsa(&RSA_PSS_SHA512, part, message),
        "RS256" => rsa(&RSA_PKCS1_SHA256, part, message),
        "RS384" => rsa(&RSA_PKCS1_SHA384, part, message),
        "RS512" => rsa(&RSA_PKCS1_SHA512, part, message),
        other => panic!("nothing here signs with {other}"),
    }
}

fn ecdsa(
    algorithm: &'static EcdsaSigningAlgorithm,
    part: impl Fn(&str) -> Vec<u8>,
    message: &[u8],
) -> Vec<u8> {
    let random = SystemRandom::new();
    // SEC 1 §2.3.3: an uncompressed point.
    let point = [vec![4], part("x"), part("y")].concat();
    let pair =
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, &part("d"), &point, &random);
    let signature = pair.expect("a key").sign(&random, message);
    signature.expect("a signature").as_ref().to_vec()
}

fn rsa(
    encoding: &'static dyn RsaEncoding,
    part: impl Fn(&str) -> Vec<u8>,
    message: &[u8],
) -> Vec<u8> {
    let components = KeyPairComponents {
        public_key: PublicKeyComponents {
            n: part("n"),
            e: part("e"),
        },
        d: part("d"),
        p: part("p"),
        q: part("q"),
        dP: part("dp"),
        dQ: part("dq"),
        qInv: part("qi"),
    };
    let pair = KeyPair::from_components(&components).expect("a key");
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
        .expect("a signature");
    signature
}
