//! How a client of a document proves itself: without a secret, or with keys of its own.
//!
//! *Invariant:* where keys make the stronger proof possible, the weaker one is not taken.

use jose::ForeignKeys;

use super::{ClientDocumentRefused, Document, DocumentHosts, DocumentUrl, texts};
use crate::auth_method::AuthMethod;
use crate::client::{ClientKeys, Credential};

/// The strongest method of those on offer that fits the client's keys.
pub(super) fn negotiate(
    document: &Document,
    hosts: &DocumentHosts,
) -> Result<(AuthMethod, Credential), ClientDocumentRefused> {
    let keys = keys(document, hosts)?;
    let offered = offered(document)?;
    if offered.iter().any(|name| name.starts_with("client_secret")) {
        return Err(ClientDocumentRefused::SharedSecret);
    }
    let offers = |method: AuthMethod| offered.contains(&method.as_str());
    match keys {
        Some(keys) if offers(AuthMethod::PrivateKeyJwt) => {
            Ok((AuthMethod::PrivateKeyJwt, Credential::Keys(keys)))
        }
        _ if offers(AuthMethod::None) => Ok((AuthMethod::None, Credential::None)),
        _ => Err(ClientDocumentRefused::AuthMethod),
    }
}

/// What the client can do: the list where there is one, and the one method that it prefers.
/// RFC 7591's default rests on a secret, which no document can have: that leaves `none`.
fn offered(document: &Document) -> Result<Vec<&str>, ClientDocumentRefused> {
    let malformed = ClientDocumentRefused::AuthMethod;
    let mut offered = match texts(document, "token_endpoint_auth_methods_supported") {
        None => Vec::new(),
        Some(methods) => methods.ok_or(malformed)?,
    };
    if let Some(preferred) = document.get("token_endpoint_auth_method") {
        offered.push(preferred.as_str().ok_or(malformed)?);
    }
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
            ForeignKeys::check_form(keys).map_err(ClientDocumentRefused::Jwks)?;
            Ok(Some(ClientKeys::Inline(keys.clone())))
        }
        (None, Some(uri)) => {
            let url = DocumentUrl::parse(uri.as_str().unwrap_or_default(), hosts);
            let url = url.map_err(ClientDocumentRefused::JwksUri)?;
            Ok(Some(ClientKeys::At(url.as_str().to_owned())))
        }
    }
}
