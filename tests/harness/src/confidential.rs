//! Clients that prove more than their id, and those that the tests' operator wrote down.
//!
//! *Invariant:* how a request proves its client is said by whoever sends it, so that a test can
//! prove the wrong way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::client::{Client, REDIRECT, VERIFIER, body, member, post_json};
use crate::registered;
use crate::web::Web;

pub use registered::VARIABLE;

/// A secret that is written as it is, and one that forms and headers must encode (RFC 6749 §2.3.1).
const PLAIN: &str = "a-secret-of-the-tests";
const SPECIAL: &str = "100 % secret: a+b & c=d";

/// A client with a secret.
#[derive(Clone, Debug)]
pub struct Confidential {
    /// The client.
    pub client: Client,
    /// Its secret.
    pub secret: String,
}

/// How a request proves its client.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// `client_secret_basic`.
    Basic(&'a str),
    /// `none`.
    Nothing,
    /// `client_secret_post`.
    Post(&'a str),
    /// Both at once.
    Twice(&'a str),
}

/// What the operator wrote down: the value of [`VARIABLE`], with the clients of [`registered`].
///
/// # Panics
/// If those are no list.
#[must_use]
pub fn variable() -> String {
    let mut all: Value = serde_json::from_str(&registered::variable()).expect("a list of clients");
    let all = all.as_array_mut().expect("a list of clients");
    all.extend(clients());
    Value::from(all.clone()).to_string()
}

fn clients() -> Vec<Value> {
    let people = json!(["authorization_code", "refresh_token"]);
    vec![
        // Services: one for tools at one resource; one for all that there is, which introspects.
        json!({
            "client_id": "report", "client_name": "Nightly report", "client_secret": SPECIAL,
            "grant_types": ["client_credentials"], "scope": "mcp:tools",
        }),
        json!({
            "client_id": "auditor", "client_secret": PLAIN, "grant_types": ["client_credentials"],
            "scope": "mcp:tools profile", "resources": ["/mcp", "/sse"], "introspect": true,
            "token_endpoint_auth_method": "client_secret_post",
        }),
        // Applications of people: with a secret, and without.
        json!({
            "client_id": "office", "client_name": "Office", "client_secret": SPECIAL,
            "redirect_uris": [REDIRECT], "grant_types": people,
            "token_endpoint_auth_method": "client_secret_basic",
        }),
        json!({
            "client_id": "desk", "client_name": "Desk", "redirect_uris": [REDIRECT],
            "grant_types": people,
        }),
    ]
}

impl Client {
    /// The client that the operator wrote down as `id`, where this one found the server.
    #[must_use]
    pub fn written_down(&self, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..self.clone()
        }
    }

    /// Posts a form to the endpoint that metadata has under `endpoint`, with `proof` of this client.
    ///
    /// # Panics
    /// If the id or the secret fits into no header.
    pub async fn post_as(
        &self,
        web: &impl Web,
        endpoint: &str,
        proof: Proof<'_>,
        fields: &[(&str, &str)],
    ) -> Response<Bytes> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut request = Request::post(member(&self.metadata, endpoint))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Proof::Basic(secret) | Proof::Twice(secret) = proof {
            request = request.header(header::AUTHORIZATION, basic(&self.id, secret));
        }
        if let Proof::Post(secret) | Proof::Twice(secret) = proof {
            form.append_pair("client_secret", secret);
        }
        if !matches!(proof, Proof::Basic(_)) {
            form.append_pair("client_id", &self.id);
        }
        let request = request.body(Bytes::from(form.finish()));
        web.send(request.expect("a request")).await
    }

    /// Spends a code with `proof` of this client.
    pub async fn exchange_as(
        &self,
        web: &impl Web,
        proof: Proof<'_>,
        code: &str,
    ) -> Response<Bytes> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.post_as(web, "token_endpoint", proof, &fields).await
    }
}

impl Confidential {
    /// Registers a client that proves itself by `method`, or by what is the default.
    ///
    /// # Panics
    /// If the server refuses it.
    pub async fn register(web: &impl Web, found: &Client, method: Option<&str>) -> Self {
        let mut wanted = json!({ "client_name": "Vault keeper", "redirect_uris": [REDIRECT] });
        if let Some(method) = method {
            wanted["token_endpoint_auth_method"] = Value::from(method);
        }
        let endpoint = member(&found.metadata, "registration_endpoint");
        let registered = body(&post_json(web, endpoint, &wanted).await);
        Self {
            client: found.written_down(member(&registered, "client_id")),
            secret: member(&registered, "client_secret").to_owned(),
        }
    }

    /// A client with a secret that the operator wrote down as `id`.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn written_down(found: &Client, id: &str) -> Self {
        let known = clients()
            .into_iter()
            .find(|client| client["client_id"] == id);
        Self {
            client: found.written_down(id),
            secret: member(&known.expect("a client"), "client_secret").to_owned(),
        }
    }
}

/// RFC 6749 §2.3.1: each form-encoded, joined by a colon, in base64.
fn basic(id: &str, secret: &str) -> HeaderValue {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).expect("a header")
}
