//! Addresses and hosts, as operators write them and providers publish them.
//!
//! *Invariant:* who judges an address and who sends a request to it see the same place.

use http::Uri;
use http::uri::Scheme;
use url::Url;

/// A URL's host, with its port unless that is the usual one.
///
/// What judges a URL and what sends a request to it read it by different rules (WHATWG's here, RFC
/// 3986's there), so both must see the same place.
pub(crate) fn authority(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(is_plain)?;
    let sent: Uri = text.parse().ok()?;
    let host = url.host_str()?;
    let is_same = sent
        .host()
        .is_some_and(|other| other.eq_ignore_ascii_case(host))
        && sent.scheme() == Some(&Scheme::HTTPS)
        && sent.port_u16().unwrap_or(443) == url.port_or_known_default()?;
    let port = url.port().map(|port| format!(":{port}"));
    is_same.then(|| format!("{host}{}", port.unwrap_or_default()))
}

/// Whether it is an address and nothing else: no name and password, and no fragment (RFC 6749
/// §3.1, §3.2).
pub(crate) fn is_plain(url: &Url) -> bool {
    url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

/// Whether it is a host and nothing else.
pub(crate) fn is_host(text: &str) -> bool {
    Url::parse(&format!("https://{text}/")).is_ok_and(|url| {
        let written = format!("https://{}/", text.to_ascii_lowercase());
        // The manifest takes `*` for every host there is.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        url.as_str() == written && text.bytes().all(plain)
    })
}

/// Whether it is an address.
pub(crate) fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| is_plain(&url))
}

/// What is one segment of a path, whoever reads it.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes().all(plain) && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}
