//! A client of a vendor, over HTTPS, which believes nothing that it has not checked.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ring::digest::{SHA256, digest};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use url::Url;
use vendors::{Endpoint, Kind, Vendor};

pub(crate) const REDIRECT_URI: &str = "https://postern.example/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";
pub(crate) const STATE: &str = "af0ifjsldkj";

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A parameter of where it redirects to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let location = Url::parse(self.header("location")).expect("a redirect");
        let mut pairs = location.query_pairs();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// A client of one vendor.
pub(crate) struct Wire {
    pub(crate) vendor: Vendor,
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Wire {
    pub(crate) fn to(kind: Kind) -> Self {
        let vendor = Vendor::start(kind);
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(vendor.certificate().as_bytes());
        roots.add(certificate.unwrap()).unwrap();
        let provider = rustls::crypto::ring::default_provider();
        let config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .build();
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        Self {
            vendor,
            http: http.build(connector),
        }
    }

    pub(crate) async fn send(&self, request: Request<String>) -> Answered {
        let answer = self
            .http
            .request(request.map(|body| Full::new(body.into())));
        let (head, body) = answer.await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answered {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, url: &str, bearer: &str) -> Answered {
        let mut request = Request::get(url).header("user-agent", "test");
        if !bearer.is_empty() {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        self.send(request.body(String::new()).unwrap()).await
    }

    pub(crate) async fn get_endpoint(&self, endpoint: Endpoint, bearer: &str) -> Answered {
        self.get(&self.vendor.endpoint(endpoint).unwrap(), bearer)
            .await
    }

    /// The authorization request of a client that does all it should, with parameters besides.
    pub(crate) async fn authorize(&self, more: &[(&str, &str)]) -> Answered {
        let mut url = Url::parse(&self.vendor.endpoint(Endpoint::Authorize).unwrap()).unwrap();
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let plain = [
            ("response_type", "code"),
            ("client_id", self.vendor.client_id()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope(self.vendor.kind())),
            ("state", STATE),
            ("nonce", NONCE),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("prompt", "consent"),
            ("access_type", "offline"),
            ("provider", "authkit"),
        ];
        for (name, value) in plain {
            let said = more.iter().find(|(known, _)| *known == name);
            let value = said.map_or(value, |(_, value)| value);
            if !value.is_empty() {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        let further = more
            .iter()
            .filter(|(known, _)| plain.iter().all(|(name, _)| name != known));
        url.query_pairs_mut().extend_pairs(further);
        self.get(url.as_str(), "").await
    }

    pub(crate) async fn code(&self) -> String {
        let back = self.authorize(&[]).await;
        back.parameter("code")
            .unwrap_or_else(|| panic!("no code: {back:?}"))
    }

    /// A token request, with the method of authentication that the vendor wants.
    pub(crate) async fn token(&self, parameters: &[(&str, &str)]) -> Answered {
        let method = match self.vendor.kind() {
            Kind::Clerk | Kind::Logto | Kind::Oidc | Kind::Okta => Method::Basic,
            Kind::WorkOs => Method::Json,
            _ => Method::Post,
        };
        self.token_by(method, self.vendor.client_secret(), parameters)
            .await
    }

    pub(crate) async fn token_by(
        &self,
        method: Method,
        secret: &str,
        parameters: &[(&str, &str)],
    ) -> Answered {
        let mut request = Request::post(self.vendor.endpoint(Endpoint::Token).unwrap())
            .header("accept", "application/json");
        let id = self.vendor.client_id();
        let mut all: Vec<(&str, &str)> = parameters.to_vec();
        all.retain(|(_, value)| !value.is_empty());
        match method {
            Method::Basic => {
                let encoded = |text: &str| {
                    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
                };
                let both = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
                request = request.header("authorization", format!("Basic {both}"));
            }
            Method::Post | Method::Json => {
                all.extend([("client_id", id), ("client_secret", secret)]);
            }
        }
        let body = if method == Method::Json {
            request = request.header("content-type", "application/json");
            Value::from_iter(all).to_string()
        } else {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(all).finish()
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answered {
        self.token(&redemption(code)).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answered {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    pub(crate) async fn keys(&self) -> Vec<Value> {
        let set = self.get_endpoint(Endpoint::Keys, "").await.json();
        set["keys"].as_array().unwrap().clone()
    }

    /// The claims of a token, if a key in the set signed it.
    pub(crate) async fn verified(&self, token: &str) -> Option<Value> {
        let (header, claims) = parts(token);
        let keys = self.keys().await;
        let key = keys.iter().find(|key| key["kid"] == header["kid"])?;
        let (message, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &Value| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let rsa = |padding| {
            let (n, e) = (bytes(&key["n"]), bytes(&key["e"]));
            RsaPublicKeyComponents { n, e }.verify(padding, message.as_bytes(), &signature)
        };
        let other = |algorithm, public: Vec<u8>| {
            UnparsedPublicKey::new(algorithm, public).verify(message.as_bytes(), &signature)
        };
        let point = || [vec![4], bytes(&key["x"]), bytes(&key["y"])].concat();
        let verified = match header["alg"].as_str().unwrap() {
            "EdDSA" => other(&ED25519 as &dyn VerificationAlgorithm, bytes(&key["x"])),
            "ES256" => other(&ECDSA_P256_SHA256_FIXED, point()),
            "ES384" => other(&ECDSA_P384_SHA384_FIXED, point()),
            "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
            "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => rsa(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
            _ => return None,
        };
        verified.ok().map(|()| claims)
    }
}

/// How a client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Basic,
    Json,
    Post,
}

/// What redeems a code.
pub(crate) fn redemption(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ]
}

/// Header and claims of a token, whoever signed it.
pub(crate) fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// What a client of this vendor asks for.
fn scope(kind: Kind) -> &'static str {
    match kind {
        Kind::GitHub => "read:user user:email read:org",
        Kind::Google | Kind::Slack => "openid profile email",
        Kind::Access => "openid profile email groups",
        Kind::Clerk => "openid profile email public_metadata offline_access",
        Kind::Okta => "openid profile email offline_access groups",
        Kind::Logto => "openid profile email offline_access urn:logto:scope:roles",
        _ => "openid profile email offline_access",
    }
}
