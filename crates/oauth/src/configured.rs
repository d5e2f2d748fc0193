//! Clients that the operator wrote down, in RFC 7591's words.
//!
//! *Invariant:* only such a client has tokens of its own, and only for the scopes and resources
//! that stand beside it; its secret is kept as a hash alone.

use serde::Deserialize;
use serde_json::Value;

use crate::auth_method::AuthMethod;
use crate::client::{Client, ClientId, ClientKeys, ClientKind, Credential, Service};
use crate::grant_type::GrantType;
use crate::redirect_uri::{RedirectRefused, RedirectUri};
use crate::resource::Resource;
use crate::scope::Scopes;

/// A client as it is written in `postern.toml` and in `oauth_registered_clients`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientText {
    client_id: String,
    client_name: Option<String>,
    client_secret: Option<String>,
    client_secret_sha256: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    grant_types: Option<Vec<String>>,
    scope: Option<String>,
    resources: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
    #[serde(default)]
    introspect: bool,
}

/// The keys of a client's table.
pub const KEYS: [&str; 11] = [
    "client_id",
    "client_name",
    "client_secret_sha256",
    "redirect_uris",
    "grant_types",
    "scope",
    "resources",
    "token_endpoint_auth_method",
    "jwks",
    "jwks_uri",
    "introspect",
];

/// Why a client cannot be configured like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfiguredRefused {
    /// The method does not fit what the client has.
    #[error(
        "`token_endpoint_auth_method` must fit the client: client_secret_basic or \
         client_secret_post with a secret, private_key_jwt with keys, none without either"
    )]
    AuthMethod,
    /// Tokens of its own need a proof, scopes, and the grant type.
    #[error("client_credentials needs a secret or keys, and `scope` with what its tokens may do")]
    ClientCredentials,
    /// Not a name for a client.
    #[error(
        "`client_id` must be 1 to 64 of A-Z, a-z, 0-9, `-`, `_`, and start with no URL's scheme"
    )]
    ClientId,
    /// An unknown grant type.
    #[error("`grant_types` must be of authorization_code, refresh_token and client_credentials")]
    GrantTypes,
    /// Introspection by whoever knows an id would be introspection by anybody.
    #[error("`introspect` needs a secret or keys")]
    Introspect,
    /// Not public keys.
    #[error("`jwks` {0}")]
    Jwks(#[from] jose::ForeignKeysRefused),
    /// Two places for keys, or keys and a secret.
    #[error("give one of `client_secret_sha256`, `jwks` and `jwks_uri`")]
    OneCredential,
    /// A redirect URI against the policy.
    #[error("`redirect_uris[{0}]` {1}")]
    RedirectUri(usize, RedirectRefused),
    /// No place to send a code to.
    #[error("authorization_code needs `redirect_uris`")]
    RedirectUriMissing,
    /// Not a resource of ours.
    #[error("`resources` must be of /mcp and /sse")]
    Resources,
    /// None of the scopes is known.
    #[error("`scope` must be of mcp:tools and profile, separated by spaces")]
    Scope,
    /// A secret in a file that many read.
    #[error(
        "`client_secret` does not belong into this file: write `client_secret_sha256`, the output \
         of `printf %s SECRET | sha256sum`"
    )]
    SecretInFile,
    /// Too short to withstand guessing.
    #[error("`client_secret` must have at least 16 characters")]
    SecretShort,
    /// Not a SHA-256 in hexadecimal.
    #[error("`client_secret_sha256` must be 64 hexadecimal digits")]
    SecretSha256,
}

/// Whether a text may hold a secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A file of the application: hashes only.
    InFile,
    /// A variable that is marked secret.
    InSecret,
}

impl ClientText {
    /// The id, for what is said of this client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

impl Client {
    /// The client that the operator describes.
    pub fn configured(text: ClientText, kept: Kept) -> Result<Self, ConfiguredRefused> {
        check_id(&text.client_id)?;
        let credential = credential(&text, kept)?;
        let methods = methods(text.token_endpoint_auth_method.as_deref(), &credential)?;
        let grant_types = grant_types(&text)?;
        let redirect_uris = redirect_uris(&text.redirect_uris)?;
        if grant_types.contains(&GrantType::AuthorizationCode) && redirect_uris.is_empty() {
            return Err(ConfiguredRefused::RedirectUriMissing);
        }
        let service = service(&text)?;
        let confidential = credential != Credential::None;
        if grant_types.contains(&GrantType::ClientCredentials)
            && (!confidential || service.scopes.is_empty())
        {
            return Err(ConfiguredRefused::ClientCredentials);
        }
        if service.introspects && !confidential {
            return Err(ConfiguredRefused::Introspect);
        }
        Ok(Self {
            id: ClientId::new(text.client_id),
            kind: ClientKind::Configured,
            name: text.client_name,
            redirect_uris,
            methods,
            credential,
            grant_types,
            service,
        })
    }
}

fn check_id(id: &str) -> Result<(), ConfiguredRefused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    // Neither a URL nor three parts with dots: no id of one kind reads as one of another.
    if (1..=64).contains(&id.len()) && id.bytes().all(plain) {
        Ok(())
    } else {
        Err(ConfiguredRefused::ClientId)
    }
}

fn credential(text: &ClientText, kept: Kept) -> Result<Credential, ConfiguredRefused> {
    let secret = match (&text.client_secret, &text.client_secret_sha256) {
        (Some(_), _) if kept == Kept::InFile => return Err(ConfiguredRefused::SecretInFile),
        (Some(_), Some(_)) => return Err(ConfiguredRefused::OneCredential),
        (Some(secret), None) if secret.len() < 16 => return Err(ConfiguredRefused::SecretShort),
        (Some(secret), None) => Some(jose::sha256(secret.as_bytes())),
        (None, Some(hash)) => {
            Some(jose::sha256_from_hex(hash).ok_or(ConfiguredRefused::SecretSha256)?)
        }
        (None, None) => None,
    };
    Ok(match (secret, &text.jwks, &text.jwks_uri) {
        (None, None, None) => Credential::None,
        (Some(hash), None, None) => Credential::SecretSha256(hash),
        (None, Some(keys), None) => {
            jose::ForeignKeys::check_form(keys)?;
            Credential::Keys(ClientKeys::Inline(keys.clone()))
        }
        (None, None, Some(uri)) => Credential::Keys(ClientKeys::At(uri.clone())),
        _ => return Err(ConfiguredRefused::OneCredential),
    })
}

/// RFC 6749 §2.3.1: a client that was given a secret and no method may use either way of sending it.
fn methods(
    asked: Option<&str>,
    credential: &Credential,
) -> Result<Vec<AuthMethod>, ConfiguredRefused> {
    let fitting: &[AuthMethod] = match credential {
        Credential::None => &[AuthMethod::None],
        Credential::SecretOfRegistration | Credential::SecretSha256(_) => {
            &[AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost]
        }
        Credential::Keys(_) => &[AuthMethod::PrivateKeyJwt],
    };
    match asked.map(AuthMethod::parse) {
        None => Ok(fitting.to_vec()),
        Some(Some(method)) if fitting.contains(&method) => Ok(vec![method]),
        Some(_) => Err(ConfiguredRefused::AuthMethod),
    }
}

fn grant_types(text: &ClientText) -> Result<Vec<GrantType>, ConfiguredRefused> {
    let Some(names) = &text.grant_types else {
        return Ok(GrantType::OF_PEOPLE.to_vec());
    };
    let kinds = names.iter().map(|name| GrantType::parse(name));
    let kinds: Option<Vec<_>> = kinds.collect();
    kinds
        .filter(|kinds| !kinds.is_empty())
        .ok_or(ConfiguredRefused::GrantTypes)
}

fn redirect_uris(texts: &[String]) -> Result<Vec<RedirectUri>, ConfiguredRefused> {
    let uris = texts.iter().enumerate().map(|(index, text)| {
        RedirectUri::configured(text)
            .map_err(|reason| ConfiguredRefused::RedirectUri(index, reason))
    });
    uris.collect()
}

fn service(text: &ClientText) -> Result<Service, ConfiguredRefused> {
    let scopes = match &text.scope {
        None => Scopes::default(),
        Some(scope) => Scopes::of_service(scope).ok_or(ConfiguredRefused::Scope)?,
    };
    let known = |path: &String| Resource::PATHS.contains(&path.as_str());
    let resources = match &text.resources {
        None => vec![Resource::PATHS[0].to_owned()],
        Some(paths) if !paths.is_empty() && paths.iter().all(known) => paths.clone(),
        Some(_) => return Err(ConfiguredRefused::Resources),
    };
    Ok(Service {
        scopes,
        resources,
        introspects: text.introspect,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(json: &str, kept: Kept) -> Result<Client, ConfiguredRefused> {
        Client::configured(serde_json::from_str(json).unwrap(), kept)
    }

    const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn a_service_has_its_scopes_and_resources_and_no_others() {
        let text = format!(
            r#"{{"client_id":"reports","client_secret_sha256":"{HASH}","scope":"mcp:tools",
                "grant_types":["client_credentials"],"introspect":true}}"#
        );
        let client = client(&text, Kept::InFile).unwrap();
        assert!(client.may_use(GrantType::ClientCredentials));
        assert!(!client.may_use(GrantType::AuthorizationCode));
        assert!(client.authenticates_by(AuthMethod::ClientSecretBasic));
        assert!(client.authenticates_by(AuthMethod::ClientSecretPost));
        assert!(!client.authenticates_by(AuthMethod::None));
        assert_eq!(client.service().scopes.to_string(), "mcp:tools");
        assert_eq!(client.service().resources, ["/mcp"]);
        assert!(client.service().introspects);
        let Credential::SecretSha256(hash) = client.credential() else {
            panic!("{:?}", client.credential())
        };
        assert_eq!(*hash, jose::sha256(b"test"));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_field() {
        use ConfiguredRefused as R;
        let cases = [
            (r#""client_id":"a.b.c""#, R::ClientId),
            (r#""client_id":"https://a.example/c""#, R::ClientId),
            (r#""client_id":"a""#, R::RedirectUriMissing),
            (
                r#""client_id":"a","redirect_uris":["javascript:x"]"#,
                R::RedirectUri(0, RedirectRefused::UnknownScheme),
            ),
            (
                r#""client_id":"a","grant_types":["client_credentials"],"scope":"mcp:tools""#,
                R::ClientCredentials,
            ),
            (
                r#""client_id":"a","client_secret":"0123456789abcdef","grant_types":["client_credentials"]"#,
                R::ClientCredentials,
            ),
            (
                r#""client_id":"a","redirect_uris":["https://a.example/"],"introspect":true"#,
                R::Introspect,
            ),
            (
                r#""client_id":"a","grant_types":["password"]"#,
                R::GrantTypes,
            ),
            (r#""client_id":"a","grant_types":[]"#, R::GrantTypes),
            (r#""client_id":"a","client_secret":"short""#, R::SecretShort),
            (
                r#""client_id":"a","client_secret_sha256":"zz""#,
                R::SecretSha256,
            ),
            (
                r#""client_id":"a","client_secret":"0123456789abcdef","jwks_uri":"https://a.example/k""#,
                R::OneCredential,
            ),
            (
                r#""client_id":"a","token_endpoint_auth_method":"client_secret_post","redirect_uris":["https://a.example/"]"#,
                R::AuthMethod,
            ),
            (
                r#""client_id":"a","redirect_uris":["https://a.example/"],"scope":"admin""#,
                R::Scope,
            ),
            (
                r#""client_id":"a","redirect_uris":["https://a.example/"],"resources":["/other"]"#,
                R::Resources,
            ),
        ];
        for (text, reason) in cases {
            let refused = client(&format!("{{{text}}}"), Kept::InSecret).unwrap_err();
            assert_eq!(refused, reason, "{text}");
        }
        let secret = r#"{"client_id":"a","client_secret":"0123456789abcdef"}"#;
        assert_eq!(
            client(secret, Kept::InFile).unwrap_err(),
            R::SecretInFile,
            "a file is read by many"
        );
    }

    #[test]
    fn an_operator_may_name_any_application_but_no_script() {
        for (uri, allowed) in [
            ("com.example.app:/callback", true),
            ("myapp://callback", true),
            ("http://localhost/callback", true),
            ("http://a.example/", false),
            ("data:text/html,x", false),
            ("javascript:alert(1)", false),
        ] {
            let text = format!(r#"{{"client_id":"a","redirect_uris":["{uri}"]}}"#);
            assert_eq!(client(&text, Kept::InFile).is_ok(), allowed, "{uri}");
        }
    }
}
