//! Which web pages may call this server (2025-11-25, Transports, Security Warning), and the
//! headers that let their scripts read the answer.
//!
//! *Invariant:* the origins that may call and the origins that may read are the same.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use mcp::Refused;
use oauth::ServerIdentity;

use crate::answer;

/// The origins an operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origins {
    listed: Vec<String>,
    everybody: bool,
    loopback: bool,
}

/// Why a list of origins is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the variable `allowed_origins` must list origins such as https://app.example.com, or be *; \
     `{0}` is neither"
)]
pub struct OriginsRefused(String);

const METHODS: &str = "DELETE, GET, POST";
const READ_BY_SCRIPTS: &str = "www-authenticate, mcp-session-id, mcp-protocol-version, retry-after";
/// A wildcard never covers `authorization` (Fetch §3.2.3), so each is named.
const SENT_BY_SCRIPTS: &str = "authorization, x-api-key, content-type, accept, \
     mcp-protocol-version, mcp-session-id, last-event-id, mcp-method, mcp-name";

impl Origins {
    /// Reads the variable; in dev every page of this machine may call too.
    pub(crate) fn read(text: Option<&str>, loopback: bool) -> Result<Self, OriginsRefused> {
        let entries = text.unwrap_or_default().split(',').map(str::trim);
        let mut origins = Self {
            listed: Vec::new(),
            everybody: false,
            loopback,
        };
        for entry in entries.filter(|entry| !entry.is_empty()) {
            if entry == "*" {
                origins.everybody = true;
            } else if is_origin(entry) {
                origins.listed.push(entry.to_ascii_lowercase());
            } else {
                return Err(OriginsRefused(entry.to_owned()));
            }
        }
        Ok(origins)
    }

    /// The headers that let the page that calls read the answer; none for what is no page.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        server: &ServerIdentity,
    ) -> Result<HeaderMap, Refused> {
        let mut found = headers.get_all(header::ORIGIN).iter();
        let (origin, more) = (found.next(), found.next());
        let Some(origin) = origin else {
            return Ok(HeaderMap::new());
        };
        let text = origin.to_str().map_err(|_| Refused::OriginNotAllowed)?;
        if more.is_some() || !self.allows(text, server) {
            return Err(Refused::OriginNotAllowed);
        }
        Ok(HeaderMap::from_iter([
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
            (
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(READ_BY_SCRIPTS),
            ),
            (header::VARY, HeaderValue::from_static("origin")),
        ]))
    }

    fn allows(&self, origin: &str, server: &ServerIdentity) -> bool {
        self.everybody
            || origin == server.issuer().as_str()
            || self.listed.iter().any(|listed| listed == origin)
            || (self.loopback && is_loopback(origin))
    }
}

/// The answer to a preflight (Fetch, CORS-preflight request).
pub(crate) fn preflight(asked: &HeaderMap) -> Response<Bytes> {
    let mut answer = answer::empty(StatusCode::NO_CONTENT);
    let headers = answer.headers_mut();
    let mut sent = SENT_BY_SCRIPTS.to_owned();
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let wanted = wanted.and_then(|value| value.to_str().ok());
    for name in wanted.unwrap_or_default().split(',').map(str::trim) {
        // Tools name these headers themselves, so they cannot be listed beforehand.
        let name = HeaderName::try_from(name.to_ascii_lowercase());
        if let Ok(name) = name
            && name.as_str().starts_with("mcp-param-")
        {
            sent.push_str(", ");
            sent.push_str(name.as_str());
        }
    }
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
    if let Ok(sent) = HeaderValue::from_str(&sent) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, sent);
    }
    answer
}

/// Whether `text` is a scheme and an authority, as browsers write origins.
fn is_origin(text: &str) -> bool {
    let parsed: Result<http::Uri, _> = text.parse();
    parsed.is_ok_and(|uri| {
        uri.scheme().is_some()
            && uri.authority().is_some_and(|authority| {
                !authority.as_str().contains('@') && text.ends_with(authority.as_str())
            })
    })
}

fn is_loopback(origin: &str) -> bool {
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    let Some(authority) = authority else {
        return false;
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        let port = authority.strip_prefix(name);
        port.is_some_and(|port| {
            let digits = port.strip_prefix(':');
            port.is_empty() || digits.is_some_and(|digits| digits.parse::<u16>().is_ok())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::Identities;

    fn server() -> ServerIdentity {
        let identities = Identities::read(Some("https://mcp.example.com"), None).unwrap();
        identities.reached_by(&oauth::WhoAsked::default()).unwrap()
    }

    #[test]
    fn a_page_may_call_if_it_is_ours_listed_or_in_dev_on_this_machine() {
        let listed = "https://app.example.com, http://tool.example:8080";
        for (list, dev, origin, allowed) in [
            (None, false, "https://mcp.example.com", true),
            (None, false, "https://app.example.com", false),
            (None, false, "http://localhost:6274", false),
            (None, false, "null", false),
            (None, true, "http://localhost:6274", true),
            (None, true, "http://127.0.0.1", true),
            (None, true, "http://[::1]:80", true),
            (None, true, "http://localhost.evil.example", false),
            (None, true, "http://localhost:80.evil.example", false),
            (None, true, "http://127.0.0.1@evil.example", false),
            (Some(listed), false, "https://app.example.com", true),
            (Some(listed), false, "http://tool.example:8080", true),
            (Some(listed), false, "http://tool.example", false),
            (
                Some(listed),
                false,
                "https://app.example.com.evil.example",
                false,
            ),
            (Some("*"), false, "https://anywhere.example", true),
            (Some(" , "), false, "https://anywhere.example", false),
        ] {
            let origins = Origins::read(list, dev).unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            let checked = origins.check(&headers, &server());
            assert_eq!(checked.is_ok(), allowed, "{list:?} {dev} {origin}");
            if let Ok(readable) = checked {
                assert_eq!(readable[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
            }
            headers.append(header::ORIGIN, origin.parse().unwrap());
            assert!(
                origins.check(&headers, &server()).is_err(),
                "twice {origin}"
            );
        }
    }

    #[test]
    fn what_is_no_page_may_always_call() {
        let origins = Origins::read(Some("https://app.example.com"), false).unwrap();
        assert_eq!(
            origins.check(&HeaderMap::new(), &server()),
            Ok(HeaderMap::new())
        );
    }

    #[test]
    fn a_list_of_something_else_is_refused() {
        for list in [
            "app.example.com",
            "https://a.example/",
            "https://a.example/x",
            "https://u@a.example",
        ] {
            assert_eq!(
                Origins::read(Some(list), false),
                Err(OriginsRefused(list.to_owned()))
            );
        }
    }

    #[test]
    fn a_preflight_hears_of_the_headers_that_tools_name() {
        let mut asked = HeaderMap::new();
        let wanted = "authorization, Mcp-Param-Region, x-secret, mcp-param-b c";
        asked.insert(
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            wanted.parse().unwrap(),
        );
        let answer = preflight(&asked);
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(
            answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS],
            format!("{SENT_BY_SCRIPTS}, mcp-param-region")
        );
    }
}
