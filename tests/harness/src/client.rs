//! An MCP client: it discovers, registers, asks, exchanges, refreshes and calls.
//!
//! *Invariant:* it learns every address from the server's own documents.

use bytes::Bytes;
use http::{Request, Response, header};
use serde_json::{Value, json};

use crate::web::Web;

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Where this client waits for its answer.
pub const REDIRECT: &str = "http://127.0.0.1:33418/callback";

/// Where it waits when it is a web site.
pub const WEB_REDIRECT: &str = "https://client.example/callback";

/// Where it waits when it is an application that claims a scheme.
pub const APPLICATION_REDIRECT: &str = "cursor://anysphere.cursor-mcp/oauth/callback";

/// A client that registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// The authorization server's metadata.
    pub metadata: Value,
    /// The protected resource's metadata.
    pub resource: Value,
}

/// What the token endpoint answered.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// JSON of an answer.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn body(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or_else(|error| {
        panic!(
            "{error}: {} {}",
            answer.status(),
            String::from_utf8_lossy(answer.body())
        )
    })
}

/// Fetches an address of the server.
pub async fn get(web: &impl Web, address: &str) -> Response<Bytes> {
    web.send(Request::get(address).body(Bytes::new()).expect("a request"))
        .await
}

/// Posts JSON.
pub async fn post_json(web: &impl Web, address: &str, value: &Value) -> Response<Bytes> {
    let request = Request::post(address).header(header::CONTENT_TYPE, "application/json");
    web.send(
        request
            .body(Bytes::from(value.to_string()))
            .expect("a request"),
    )
    .await
}

/// Posts a form.
pub async fn post_form(web: &impl Web, address: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request =
        Request::post(address).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    web.send(request.body(Bytes::from(body)).expect("a request"))
        .await
}

pub(crate) fn member<'a>(document: &'a Value, name: &str) -> &'a str {
    document[name]
        .as_str()
        .unwrap_or_else(|| panic!("no `{name}` in {document}"))
}

impl Client {
    /// Discovers the server from its challenge and registers there.
    pub async fn register(web: &impl Web) -> Self {
        let challenged = post_json(
            web,
            "/mcp",
            &json!({"jsonrpc":"2.0","id":1,"method":"initialize"}),
        )
        .await;
        let challenge = challenged.headers()[header::WWW_AUTHENTICATE]
            .to_str()
            .expect("a challenge");
        let (_, rest) = challenge
            .split_once("resource_metadata=\"")
            .expect("RFC 9728 §5.1");
        let (address, _) = rest.split_once('"').expect("a quoted URL");
        let resource = body(&get(web, address).await);
        let issuer = member(
            &json!({"issuer": resource["authorization_servers"][0]}),
            "issuer",
        )
        .to_owned();
        let metadata = body(
            &get(
                web,
                &format!("{issuer}/.well-known/oauth-authorization-server"),
            )
            .await,
        );
        assert_eq!(metadata["issuer"], issuer, "RFC 8414 §3.3");
        let wanted = json!({
            "client_name": "Tester", "token_endpoint_auth_method": "none",
            "redirect_uris": [REDIRECT, WEB_REDIRECT, APPLICATION_REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        });
        let registered = post_json(web, member(&metadata, "registration_endpoint"), &wanted).await;
        assert_eq!(registered.status(), 201, "{registered:?}");
        Self {
            id: member(&body(&registered), "client_id").to_owned(),
            metadata,
            resource,
        }
    }

    /// The address to open in the browser, with `more` parameters, or others in place of the usual.
    #[must_use]
    pub fn authorize_url(&self, more: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT),
            ("scope", "mcp:tools profile offline_access"),
            ("state", "the client's state"),
            ("resource", member(&self.resource, "resource")),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let pairs = kept.chain(more).filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!(
            "{}?{query}",
            member(&self.metadata, "authorization_endpoint")
        )
    }

    /// Posts to the token endpoint, with `more` parameters, or others in place of the usual.
    pub async fn token(&self, web: &impl Web, more: &[(&str, &str)]) -> Response<Bytes> {
        let mut fields = vec![
            ("client_id", self.id.as_str()),
            ("resource", member(&self.resource, "resource")),
        ];
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        post_form(web, member(&self.metadata, "token_endpoint"), &fields).await
    }

    /// Spends a code.
    pub async fn exchange(&self, web: &impl Web, code: &str) -> Response<Bytes> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.token(web, &fields).await
    }

    /// Refreshes.
    pub async fn refresh(&self, web: &impl Web, token: &str) -> Response<Bytes> {
        self.token(
            web,
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        )
        .await
    }
}

impl Tokens {
    /// Reads the token endpoint's answer.
    ///
    /// # Panics
    /// If it is an error.
    pub fn read(answer: &Response<Bytes>) -> Self {
        assert_eq!(
            answer.status(),
            200,
            "{}",
            String::from_utf8_lossy(answer.body())
        );
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        let body = body(answer);
        assert_eq!(body["token_type"], "Bearer");
        Self {
            access: member(&body, "access_token").to_owned(),
            refresh: member(&body, "refresh_token").to_owned(),
        }
    }
}

/// Posts one message to the MCP endpoint in the newest revision.
pub async fn call(web: &impl Web, token: &str, method: &str, params: Value) -> Response<Bytes> {
    web.send(message(token, method, params)).await
}

/// One message to the MCP endpoint in the newest revision.
///
/// # Panics
/// If the token or the method fits into no header.
#[must_use]
pub fn message(token: &str, method: &str, mut params: Value) -> Request<Bytes> {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "Tester", "version": "1"},
    });
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let mut request = Request::post("/mcp")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("MCP-Protocol-Version", "2026-07-28")
        .header("Mcp-Method", method);
    let about = if method == "resources/read" {
        "uri"
    } else {
        "name"
    };
    if let Some(about) = message["params"][about].as_str() {
        request = request.header("Mcp-Name", about);
    }
    request
        .body(Bytes::from(message.to_string()))
        .expect("a request")
}
