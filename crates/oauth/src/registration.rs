//! Dynamic client registration (RFC 7591): what a client says of itself, signed into its id.
//!
//! *Invariant:* a registration is stored nowhere; its policy is run again at every use.

use jose::{Signed, SigningKeys};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::auth_method::AuthMethod;
use crate::client::{ClientId, ClientKeys, Credential};
use crate::error::ErrorCode;
use crate::grant_type::GrantType;
use crate::redirect_uri::{RedirectRefused, RedirectUri};
use crate::scope::Scopes;
use crate::timestamp::Timestamp;

const MAX_REDIRECT_URIS: usize = 8;
const MAX_NAME: usize = 80;

/// What is signed into a client id. Field names are short because the id travels often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "r")]
    redirect_uris: Vec<String>,
    #[serde(rename = "i")]
    issued_at: u64,
    /// Random, so that two installations of one client are two clients.
    #[serde(rename = "u")]
    unique: String,
    /// How it proves itself; left out, by its id alone.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Its public keys.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    jwks: Option<Value>,
    /// Where its public keys are.
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    jwks_uri: Option<String>,
}

impl Signed for Registration {
    const TYP: &'static str = "client+jwt";
}

impl Registration {
    /// Where the client may be redirected to, before the policy is run.
    #[must_use]
    pub fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// What the client calls itself.
    #[must_use]
    pub fn client_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How the client proves itself, and with what; nothing for a method that is no longer served.
    #[must_use]
    pub fn authentication(&self) -> Option<(AuthMethod, Credential)> {
        let method = self
            .method
            .as_deref()
            .map_or(Some(AuthMethod::None), AuthMethod::parse)?;
        let credential = match method {
            AuthMethod::None => Credential::None,
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => {
                Credential::SecretOfRegistration
            }
            AuthMethod::PrivateKeyJwt => Credential::Keys(match (&self.jwks, &self.jwks_uri) {
                (Some(keys), None) => ClientKeys::Inline(keys.clone()),
                (None, Some(uri)) => ClientKeys::At(uri.clone()),
                (Some(_), Some(_)) | (None, None) => return None,
            }),
        };
        Some((method, credential))
    }
}

/// The client metadata of RFC 7591 §2 that we act on; other fields are ignored, as it asks.
#[derive(Debug, Deserialize)]
struct ClientMetadata {
    redirect_uris: Option<Vec<String>>,
    client_name: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    application_type: Option<String>,
    scope: Option<String>,
    token_endpoint_auth_method: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
}

/// Why a registration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationRefused {
    /// A method that is not served.
    #[error(
        "`token_endpoint_auth_method` must be none, client_secret_basic, client_secret_post or \
         private_key_jwt"
    )]
    AuthMethod,
    /// Grants without the authorization code have no use for a redirect.
    #[error("`grant_types` must include authorization_code, and may add refresh_token")]
    GrantTypes,
    /// `private_key_jwt` without a place for the keys, or with two.
    #[error("private_key_jwt needs the public keys, in `jwks` or at `jwks_uri`, and not both")]
    Keys,
    /// Not public keys.
    #[error("`jwks` {0}")]
    Jwks(#[from] jose::ForeignKeysRefused),
    /// Not a place to fetch keys from.
    #[error("`jwks_uri` must be an https URL without a fragment")]
    JwksUri,
    /// Not a JSON object of client metadata.
    #[error("the body must be a JSON object of client metadata (RFC 7591 section 2)")]
    Malformed,
    /// Control characters or too long a name.
    #[error("`client_name` must be at most 80 characters without control characters")]
    Name,
    /// No redirect URI.
    #[error("`redirect_uris` must name at least one redirect URI")]
    RedirectUriMissing,
    /// A redirect URI against the policy.
    #[error("`redirect_uris[{index}]` {reason}")]
    RedirectUri {
        /// Which of them.
        index: usize,
        /// What is wrong with it.
        reason: RedirectRefused,
    },
    /// Only the code response exists in OAuth 2.1.
    #[error("`response_types` must be [\"code\"]")]
    ResponseTypes,
    /// Too many redirect URIs.
    #[error("`redirect_uris` must name at most 8 redirect URIs")]
    TooMany,
    /// The id would exceed 2,000 characters.
    #[error("the registration is too large: name fewer or shorter redirect URIs")]
    TooLarge,
}

impl RegistrationRefused {
    /// RFC 7591 §3.2.2.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::RedirectUriMissing | Self::RedirectUri { .. } | Self::TooMany => {
                ErrorCode::InvalidRedirectUri
            }
            Self::AuthMethod
            | Self::GrantTypes
            | Self::Jwks(_)
            | Self::JwksUri
            | Self::Keys
            | Self::Malformed
            | Self::Name
            | Self::ResponseTypes
            | Self::TooLarge => ErrorCode::InvalidClientMetadata,
        }
    }
}

/// The answer of RFC 7591 §3.2.1: every field that is registered, as it is registered.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Registered {
    client_id: ClientId,
    client_id_issued_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Zero is never; it stands exactly where a secret does.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_uri: Option<String>,
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
    application_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Registered")
            .field("client_name", &self.client_name)
            .field("redirect_uris", &self.redirect_uris)
            .finish_non_exhaustive()
    }
}

/// Registers the client that `body` describes.
pub fn register(
    body: &[u8],
    keys: &SigningKeys<Registration>,
    chance: ([u8; 9], Timestamp),
) -> Result<Registered, RegistrationRefused> {
    let (random, now) = chance;
    // JSON is UTF-8 (RFC 8259 §8.1), also where nobody reads it.
    let text = std::str::from_utf8(body).map_err(|_| RegistrationRefused::Malformed)?;
    let metadata: ClientMetadata =
        serde_json::from_str(text).map_err(|_| RegistrationRefused::Malformed)?;
    check_types(&metadata)?;
    check_name(metadata.client_name.as_deref())?;
    let method = method(&metadata)?;
    let redirect_uris = check_redirect_uris(metadata.redirect_uris.unwrap_or_default())?;
    let with_keys = method == AuthMethod::PrivateKeyJwt;
    let registration = Registration {
        name: metadata.client_name,
        redirect_uris,
        issued_at: now.as_seconds(),
        unique: jose::encode(random),
        method: (method != AuthMethod::None).then(|| method.as_str().to_owned()),
        jwks: metadata.jwks.filter(|_| with_keys),
        jwks_uri: metadata.jwks_uri.filter(|_| with_keys),
    };
    let id = keys
        .sign(&registration)
        .filter(|id| id.len() <= ClientId::MAX_LENGTH)
        .ok_or(RegistrationRefused::TooLarge)?;
    let secret = match method {
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => keys.secret_of(&id),
        AuthMethod::None | AuthMethod::PrivateKeyJwt => None,
    };
    Ok(Registered {
        client_id: ClientId::new(id),
        client_id_issued_at: registration.issued_at,
        client_secret_expires_at: secret.as_ref().map(|_| 0),
        client_secret: secret,
        token_endpoint_auth_method: method.as_str(),
        grant_types: GrantType::OF_PEOPLE.map(GrantType::as_str),
        response_types: ["code"],
        application_type: application_type(metadata.application_type.as_deref(), &registration),
        scope: metadata
            .scope
            .map(|scope| Scopes::known(&scope).to_string()),
        client_name: registration.name,
        redirect_uris: registration.redirect_uris,
        jwks: registration.jwks,
        jwks_uri: registration.jwks_uri,
    })
}

/// How the client will prove itself. RFC 7591 §2: left out, it is `client_secret_basic`.
fn method(metadata: &ClientMetadata) -> Result<AuthMethod, RegistrationRefused> {
    let method = match metadata.token_endpoint_auth_method.as_deref() {
        None => AuthMethod::ClientSecretBasic,
        Some(name) => AuthMethod::parse(name).ok_or(RegistrationRefused::AuthMethod)?,
    };
    if method == AuthMethod::PrivateKeyJwt {
        match (&metadata.jwks, &metadata.jwks_uri) {
            (Some(keys), None) => {
                jose::ForeignKeys::check_form(keys)?;
            }
            (None, Some(uri)) => check_jwks_uri(uri)?,
            (Some(_), Some(_)) | (None, None) => return Err(RegistrationRefused::Keys),
        }
    }
    Ok(method)
}

/// Whether it may be fetched is asked again when it is.
fn check_jwks_uri(uri: &str) -> Result<(), RegistrationRefused> {
    let url = url::Url::parse(uri).map_err(|_| RegistrationRefused::JwksUri)?;
    let plain = url.scheme() == "https" && url.fragment().is_none() && url.username().is_empty();
    if plain {
        Ok(())
    } else {
        Err(RegistrationRefused::JwksUri)
    }
}

/// Editors that redirect to this machine say `web`; nothing depends on the difference.
fn application_type(asked: Option<&str>, registration: &Registration) -> &'static str {
    let mut uris = registration.redirect_uris.iter();
    match asked {
        Some("web") if uris.all(|uri| uri.starts_with("https://")) => "web",
        _ => "native",
    }
}

fn check_name(name: Option<&str>) -> Result<(), RegistrationRefused> {
    match name {
        Some(name) if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) => {
            Err(RegistrationRefused::Name)
        }
        _ => Ok(()),
    }
}

fn check_types(metadata: &ClientMetadata) -> Result<(), RegistrationRefused> {
    if let Some(grants) = &metadata.grant_types {
        let known =
            |grant: &String| matches!(grant.as_str(), "authorization_code" | "refresh_token");
        if !grants.iter().any(|grant| grant == "authorization_code") || !grants.iter().all(known) {
            return Err(RegistrationRefused::GrantTypes);
        }
    }
    match &metadata.response_types {
        Some(types) if types.iter().any(|kind| kind != "code") || types.is_empty() => {
            Err(RegistrationRefused::ResponseTypes)
        }
        _ => Ok(()),
    }
}

fn check_redirect_uris(uris: Vec<String>) -> Result<Vec<String>, RegistrationRefused> {
    match uris.len() {
        0 => return Err(RegistrationRefused::RedirectUriMissing),
        1..=MAX_REDIRECT_URIS => {}
        _ => return Err(RegistrationRefused::TooMany),
    }
    for (index, uri) in uris.iter().enumerate() {
        RedirectUri::parse(uri)
            .map_err(|reason| RegistrationRefused::RedirectUri { index, reason })?;
    }
    Ok(uris)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Client, ClientRefused};
    use jose::{Secret, VerifyingKeys, derive};

    fn keys(seed: &[u8]) -> (SigningKeys<Registration>, VerifyingKeys<Registration>) {
        let (private, public) =
            derive::signing_pair(&Secret::new(jose::sha256(seed)), "registration");
        (
            SigningKeys::parse("k", &private).unwrap(),
            VerifyingKeys::parse("k", &public).unwrap(),
        )
    }

    fn attempt(body: &str) -> Result<Registered, RegistrationRefused> {
        register(
            body.as_bytes(),
            &keys(b"a").0,
            ([1; 9], Timestamp::from_seconds(1_800_000_000)),
        )
    }

    #[test]
    fn what_the_inspector_sends_is_registered_and_proves_itself() {
        let registered = attempt(
            r#"{"redirect_uris":["http://127.0.0.1:6276/oauth/callback"],"token_endpoint_auth_method":"none",
                "grant_types":["authorization_code","refresh_token"],"response_types":["code"],
                "client_name":"MCP Inspector","client_uri":"https://example.com","application_type":"native"}"#,
        )
        .unwrap();
        let id = registered.client_id.as_str();
        assert!(id.len() < 400, "{} characters", id.len());
        let client = Client::registered(id, &keys(b"a").1).unwrap();
        assert_eq!(client.name(), Some("MCP Inspector"));
        assert_eq!(client.redirect_uris().len(), 1);
        assert_eq!(
            Client::registered(id, &keys(b"b").1).unwrap_err(),
            ClientRefused::Unknown
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_no_metadata() {
        let body = b"{\"redirect_uris\":[\"https://a.example/\"],\"client_uri\":\"\xff\"}";
        let chance = ([1; 9], Timestamp::from_seconds(1_800_000_000));
        let refused = register(body, &keys(b"a").0, chance);
        assert_eq!(refused, Err(RegistrationRefused::Malformed));
    }

    #[test]
    fn bad_redirect_uris_are_refused_by_field() {
        let long = |n: usize| format!("https://a.example/{n}{}", "x".repeat(450));
        let plain = RegistrationRefused::RedirectUri {
            index: 1,
            reason: RedirectRefused::PlainHttp,
        };
        let cases = [
            (
                vec![],
                RegistrationRefused::RedirectUriMissing,
                "invalid_redirect_uri",
            ),
            (
                vec!["https://a.example/".to_owned(); 9],
                RegistrationRefused::TooMany,
                "invalid_redirect_uri",
            ),
            (
                vec![long(0), "http://evil.example/".to_owned()],
                plain,
                "invalid_redirect_uri",
            ),
            (
                (0..4).map(long).collect(),
                RegistrationRefused::TooLarge,
                "invalid_client_metadata",
            ),
        ];
        for (uris, reason, code) in cases {
            let refused =
                attempt(&serde_json::json!({ "redirect_uris": uris }).to_string()).unwrap_err();
            assert_eq!(
                (&refused, refused.code().as_str()),
                (&reason, code),
                "{uris:?}"
            );
        }
    }

    #[test]
    fn bad_metadata_is_refused_by_field() {
        let with = |more: &str| format!(r#"{{"redirect_uris":["https://a.example/"]{more}}}"#);
        let cases = [
            (String::new(), RegistrationRefused::Malformed),
            ("[]".to_owned(), RegistrationRefused::Malformed),
            (
                with(r#","grant_types":["implicit"]"#),
                RegistrationRefused::GrantTypes,
            ),
            (
                with(r#","grant_types":["refresh_token"]"#),
                RegistrationRefused::GrantTypes,
            ),
            (
                with(r#","response_types":["token"]"#),
                RegistrationRefused::ResponseTypes,
            ),
            (
                with(r#","response_types":[]"#),
                RegistrationRefused::ResponseTypes,
            ),
            (
                with(r#","client_name":"a\u0000b""#),
                RegistrationRefused::Name,
            ),
            (
                with(&format!(r#","client_name":"{}""#, "n".repeat(81))),
                RegistrationRefused::Name,
            ),
        ];
        for (body, reason) in cases {
            let refused = attempt(&body).unwrap_err();
            assert_eq!(
                (&refused, refused.code().as_str()),
                (&reason, "invalid_client_metadata"),
                "{body}"
            );
        }
    }

    #[test]
    fn redirect_uris_come_back_unchanged_and_types_are_coerced() {
        let body = r#"{"redirect_uris":["http://127.0.0.1/","http://127.0.0.1:33418/","cursor://anysphere.cursor-mcp/oauth/callback"],
            "application_type":"web","token_endpoint_auth_method":"none"}"#;
        let answer = serde_json::to_value(attempt(body).unwrap()).unwrap();
        assert_eq!(answer["redirect_uris"][0], "http://127.0.0.1/");
        assert_eq!(
            answer["redirect_uris"][2],
            "cursor://anysphere.cursor-mcp/oauth/callback"
        );
        assert_eq!(answer["application_type"], "native");
        assert_eq!(answer["token_endpoint_auth_method"], "none");
        assert!(answer.get("client_secret").is_none());
    }
}
