//! Fetching a document: what may come back, and what is made of it.
//!
//! *Invariant:* only a 200 with JSON in UTF-8 is a document; a redirect never leads to one.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client's document.
    Document,
    /// A client's keys, at its `jwks_uri`.
    KeySet,
}

impl Kind {
    /// How long head and body may take together.
    pub const PATIENCE: Duration = Duration::from_secs(5);

    /// The most bytes that are read, whatever `Content-Length` says. The draft recommends 5 KB
    /// for a document; key sets with certificate chains are larger.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Document => 5 * 1024,
            Self::KeySet => 64 * 1024,
        }
    }

    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Document, Self::KeySet];

    /// Its name in paths and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::KeySet => "key-set",
        }
    }
}

/// A document as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its text.
    pub text: String,
    /// The answer's `Cache-Control`.
    pub cache_control: Option<String>,
}

/// Why there is no document; the words that two components exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum FetchRefused {
    /// The name leads to an address that the host keeps everybody from.
    #[error("its host leads to an address that this server does not connect to")]
    Blocked,
    /// The fetcher itself does not answer.
    #[error("it cannot be fetched right now")]
    FetcherUnavailable,
    /// Not UTF-8.
    #[error("the document is not UTF-8")]
    Encoding,
    /// More than is read.
    #[error("the document is larger than this server reads")]
    Size,
    /// Head and body took too long.
    #[error("its host takes too long to answer")]
    Slow,
    /// Anything but 200, redirects among it.
    #[error("its host answers with status {status} where it must be 200")]
    Status {
        /// The status.
        status: u16,
    },
    /// Not JSON.
    #[error("the content type is not application/json")]
    Type,
    /// No connection, no TLS, no HTTP.
    #[error("its host cannot be reached over https")]
    Unreachable,
}

impl FetchRefused {
    /// Whether the document may well exist: its publisher did not get to say anything about it
    /// (RFC 5861 §4). A copy may stand in for it, and asking again later helps.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        match self {
            Self::FetcherUnavailable | Self::Slow | Self::Unreachable => true,
            Self::Status { status } => matches!(status, 429 | 500 | 502 | 503 | 504),
            Self::Blocked | Self::Encoding | Self::Size | Self::Type => false,
        }
    }
}

/// Whether an answer with this head is a document, before its body is read.
pub fn check_head(status: StatusCode, headers: &HeaderMap) -> Result<(), FetchRefused> {
    if status != StatusCode::OK {
        return Err(FetchRefused::Status {
            status: status.as_u16(),
        });
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return Err(FetchRefused::Type);
    };
    let kind = kind.to_str().map_err(|_| FetchRefused::Type)?;
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if is_json(&essence.to_ascii_lowercase()) {
        Ok(())
    } else {
        Err(FetchRefused::Type)
    }
}

/// RFC 6839 §3.1.
fn is_json(essence: &str) -> bool {
    let structured = |rest: &str| {
        rest.strip_suffix("+json")
            .is_some_and(|name| !name.is_empty())
    };
    essence == "application/json" || essence.strip_prefix("application/").is_some_and(structured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_200_with_json_is_a_document() {
        let refused = Err(FetchRefused::Type);
        let status = |status| Err(FetchRefused::Status { status });
        for (code, types, expected) in [
            (200, &["application/json"][..], Ok(())),
            (200, &["Application/JSON; charset=utf-8"], Ok(())),
            (200, &["application/oauth-client+json"], Ok(())),
            (200, &[], refused),
            (200, &["text/html"], refused),
            (200, &["text/json"], refused),
            (200, &["application/+json"], refused),
            (200, &["application/json5"], refused),
            (200, &["text/html", "application/json"], refused),
            (204, &["application/json"], status(204)),
            (206, &["application/json"], status(206)),
            (301, &["application/json"], status(301)),
            (302, &["application/json"], status(302)),
            (404, &["application/json"], status(404)),
            (500, &["application/json"], status(500)),
        ] {
            let headers = types
                .iter()
                .map(|kind| (CONTENT_TYPE, kind.parse().unwrap()));
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(name, value);
            }
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(check_head(status, &map), expected, "{code} {types:?}");
        }
    }

    #[test]
    fn a_copy_may_stand_in_for_an_outage_and_for_nothing_that_was_said() {
        for (refused, outage) in [
            (FetchRefused::Unreachable, true),
            (FetchRefused::Slow, true),
            (FetchRefused::FetcherUnavailable, true),
            (FetchRefused::Status { status: 503 }, true),
            (FetchRefused::Status { status: 404 }, false),
            (FetchRefused::Status { status: 410 }, false),
            (FetchRefused::Status { status: 302 }, false),
            (FetchRefused::Blocked, false),
            (FetchRefused::Type, false),
            (FetchRefused::Size, false),
            (FetchRefused::Encoding, false),
        ] {
            assert_eq!(refused.is_outage(), outage, "{refused}");
        }
    }
}
