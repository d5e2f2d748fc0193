//! How a client of a document proves itself: without a secret, or with keys of its own.
//!
//! *Invariant:* where keys make the stronger proof possible, the weaker one is not taken.

use serde_json::{Map, Value};

use super::{ClientDocumentRefused, Document, DocumentHosts, DocumentUrl, texts};
use crate::auth_method::AuthMethod;
use crate::client::{ClientKeys, Credential};

const MAX_KEYS: usize = 16;

/// The members of private and symmetric keys (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "dp", "dq", "k", "oth", "p", "q", "qi"];

/// The strongest method of those on offer that is served here.
pub(super) fn negotiate(
    document: &Document,
    hosts: &DocumentHosts,
) -> Result<(AuthMethod, Credential), ClientDocumentRefused> {
    let keys = keys(document, hosts)?;
    let offered = offered(document)?;
    if offered.iter().any(|name| name.starts_with("client_secret")) {
        return Err(ClientDocumentRefused::SharedSecret);
    }
    let offers = |method: AuthMethod| {
        AuthMethod::ALL.contains(&method) && offered.contains(&method.as_str())
    };
    match keys {
        Some(keys) if offers(AuthMethod::PrivateKeyJwt) => {
            Ok((AuthMethod::PrivateKeyJwt, Credential::Keys(keys)))
        }
        _ if offers(AuthMethod::None) => Ok((AuthMethod::None, Credential::None)),
        _ => Err(ClientDocumentRefused::AuthMethod),
    }
}

/// What the client can do: the list where there is one, or else the one method that it prefers.
/// RFC 7591's default rests on a secret, which no document can have: that leaves `none`.
fn offered(document: &Document) -> Result<Vec<&str>, ClientDocumentRefused> {
    let malformed = ClientDocumentRefused::AuthMethod;
    let preferred = match document.get("token_endpoint_auth_method") {
        None => None,
        Some(method) => Some(method.as_str().ok_or(malformed.clone())?),
    };
    let mut offered = match texts(document, "token_endpoint_auth_methods_supported") {
        None => Vec::new(),
        Some(methods) => methods.ok_or(malformed)?,
    };
    offered.extend(preferred);
    if offered.is_empty() {
        offered.push(AuthMethod::None.as_str());
    }
    Ok(offered)
}

fn keys(
    document: &Document,
    hosts: &DocumentHosts,
) -> Result<Option<ClientKeys>, ClientDocumentRefused> {
    match (document.get("jwks"), document.get("jwks_uri")) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(ClientDocumentRefused::JwksTwice),
        (Some(keys), None) => {
            check_public(keys)?;
            Ok(Some(ClientKeys::Inline(keys.clone())))
        }
        (None, Some(uri)) => {
            let url = DocumentUrl::parse(uri.as_str().unwrap_or_default(), hosts);
            let url = url.map_err(ClientDocumentRefused::JwksUri)?;
            Ok(Some(ClientKeys::At(url.as_str().to_owned())))
        }
    }
}

fn check_public(set: &Value) -> Result<(), ClientDocumentRefused> {
    let keys = set.get("keys").and_then(Value::as_array);
    let keys: Option<Vec<&Map<String, Value>>> =
        keys.and_then(|keys| keys.iter().map(Value::as_object).collect());
    let keys = keys.ok_or(ClientDocumentRefused::Jwks)?;
    if !(1..=MAX_KEYS).contains(&keys.len()) {
        return Err(ClientDocumentRefused::Jwks);
    }
    let is_public = |key: &&Map<String, Value>| {
        key.get("kty").is_some_and(|kty| kty != "oct")
            && !PRIVATE.iter().any(|member| key.contains_key(*member))
    };
    if keys.iter().all(is_public) {
        Ok(())
    } else {
        Err(ClientDocumentRefused::PrivateKey)
    }
}
