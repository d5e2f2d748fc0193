//! The headers that the host adds to a request, and the URI it completes.
//!
//! *Invariant:* what the host adds comes after what the client sent, as on Spin: only the last
//! value of a `spin-*` header is the host's.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, uri::Authority, uri::Scheme};

use crate::routes::Captures;

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// The headers of a route, ready to be added to each of its requests.
#[derive(Debug, Clone)]
pub(crate) struct RouteHeaders {
    matched: HeaderValue,
    prefix: HeaderValue,
}

/// What is not valid about a request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestRefused {
    #[error("the request names no host, or two")]
    Authority,
    #[error("a header is not UTF-8")]
    NotUtf8,
}

impl RouteHeaders {
    /// Prepares the headers of a route of the manifest; nothing when it has odd characters.
    pub(crate) fn new(route: &str) -> Result<Self, header::InvalidHeaderValue> {
        let prefix = route.strip_suffix("/...").unwrap_or(route);
        Ok(Self {
            matched: route.parse()?,
            prefix: prefix.parse()?,
        })
    }

    /// Adds the host's headers.
    pub(crate) fn append(
        &self,
        headers: &mut HeaderMap,
        uri: &Uri,
        captures: &Captures<'_>,
        client: &HeaderValue,
    ) -> Result<(), RequestRefused> {
        if headers
            .values()
            .any(|value| std::str::from_utf8(value.as_bytes()).is_err())
        {
            return Err(RequestRefused::NotUtf8);
        }
        // Spin composes the URL from the client's Host header, which may say anything.
        let host = headers
            .get(header::HOST)
            .map_or(&b"localhost"[..], HeaderValue::as_bytes);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let scheme = uri.scheme_str().unwrap_or("http").as_bytes();
        let full_url = [scheme, b"://", host, path.as_bytes()].concat();
        let value =
            |bytes: &[u8]| HeaderValue::from_bytes(bytes).map_err(|_| RequestRefused::NotUtf8);
        headers.append(PATH_INFO, value(captures.trailing.as_bytes())?);
        headers.append(FULL_URL, value(&full_url)?);
        headers.append(MATCHED_ROUTE, self.matched.clone());
        headers.append(BASE_PATH, HeaderValue::from_static("/"));
        headers.append(RAW_COMPONENT_ROUTE, self.matched.clone());
        headers.append(COMPONENT_ROUTE, self.prefix.clone());
        headers.append(CLIENT_ADDR, client.clone());
        for (name, found) in &captures.named {
            let name = format!("spin-path-match-{}", name.to_ascii_lowercase());
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                headers.append(name, value(found.as_bytes())?);
            }
        }
        Ok(())
    }
}

/// Completes the URI of a request with its scheme and authority, which must be unambiguous.
pub(crate) fn complete(uri: &Uri, headers: &HeaderMap) -> Result<Uri, RequestRefused> {
    let stated = match headers.get(header::HOST) {
        Some(host) => {
            let host =
                Authority::try_from(host.as_bytes()).map_err(|_| RequestRefused::Authority)?;
            Some(host)
        }
        None => None,
    };
    let mut parts = uri.clone().into_parts();
    parts.authority = match (stated, parts.authority) {
        (Some(stated), Some(target)) if stated != target => return Err(RequestRefused::Authority),
        (None, None) => return Err(RequestRefused::Authority),
        (stated, target) => stated.or(target),
    };
    parts.scheme = Some(Scheme::HTTP);
    Uri::from_parts(parts).map_err(|_| RequestRefused::Authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect()
    }

    #[test]
    fn the_hosts_headers_follow_the_clients() {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("example.com"));
        headers.insert("spin-client-addr", HeaderValue::from_static("forged"));
        let uri = Uri::from_static("http://example.com/login/github/x?y=1");
        let captures = Captures {
            trailing: "/x".into(),
            named: vec![("Provider", "github")],
        };
        let route = RouteHeaders::new("/login/:Provider/...").expect("a route");
        let client = HeaderValue::from_static("127.0.0.1:9");
        route
            .append(&mut headers, &uri, &captures, &client)
            .expect("valid headers");
        for (name, expected) in [
            ("spin-client-addr", &["forged", "127.0.0.1:9"][..]),
            ("spin-path-info", &["/x"]),
            ("spin-full-url", &["http://example.com/login/github/x?y=1"]),
            ("spin-matched-route", &["/login/:Provider/..."]),
            ("spin-base-path", &["/"]),
            ("spin-raw-component-route", &["/login/:Provider/..."]),
            ("spin-component-route", &["/login/:Provider"]),
            ("spin-path-match-provider", &["github"]),
        ] {
            assert_eq!(last(&headers, name), expected, "{name}");
        }
    }

    #[test]
    fn a_request_belongs_to_exactly_one_host() {
        let refused = Err(RequestRefused::Authority);
        for (uri, host, expected) in [
            ("/x?y", Some("a:1"), Ok("http://a:1/x?y")),
            ("http://a/x", Some("a"), Ok("http://a/x")),
            ("http://a/x", None, Ok("http://a/x")),
            ("http://a/x", Some("b"), refused),
            ("/x", None, Err(RequestRefused::Authority)),
            ("/x", Some("a b"), Err(RequestRefused::Authority)),
            ("/x", Some(""), Err(RequestRefused::Authority)),
        ] {
            let headers: HeaderMap = host
                .map(|host| (header::HOST, HeaderValue::from_static(host)))
                .into_iter()
                .collect();
            let completed = complete(&Uri::from_static(uri), &headers).map(|uri| uri.to_string());
            assert_eq!(completed, expected.map(str::to_owned), "{uri} {host:?}");
        }
    }

    #[test]
    fn a_header_that_is_not_utf8_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert("x", HeaderValue::from_bytes(&[0xff]).expect("opaque bytes"));
        let captures = Captures {
            trailing: String::new(),
            named: vec![],
        };
        let route = RouteHeaders::new("/").expect("a route");
        let refused = route.append(
            &mut headers,
            &Uri::from_static("/"),
            &captures,
            &HeaderValue::from_static("c"),
        );
        assert_eq!(refused, Err(RequestRefused::NotUtf8));
    }
}
