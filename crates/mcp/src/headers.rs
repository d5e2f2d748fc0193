//! The headers of a modern request (2026-07-28, Streamable HTTP, Request Metadata).
//!
//! *Invariant:* a header that is sent twice, or is no text, equals nothing.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};

use crate::revision::Revision;

const PREFIX: &str = "=?base64?";
const SUFFIX: &str = "?=";

/// What a request has in one header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header<'a> {
    /// It is not there.
    Absent,
    /// One value, without the blanks around it.
    Text(&'a str),
    /// Several values, or bytes that are no visible ASCII.
    Unreadable,
}

/// The protocol's headers of one request.
#[derive(Clone, Copy, Debug)]
pub struct McpHeaders<'a> {
    /// `MCP-Protocol-Version`.
    pub protocol_version: Header<'a>,
    /// `Mcp-Method`.
    pub method: Header<'a>,
    /// `Mcp-Name`.
    pub name: Header<'a>,
    /// `Mcp-Session-Id`, which the modern era ignores.
    pub session: Header<'a>,
}

impl<'a> McpHeaders<'a> {
    /// Reads them from a request's head.
    #[must_use]
    pub fn read(headers: &'a HeaderMap) -> Self {
        let header = |name: &str| one(headers, name);
        Self {
            protocol_version: header("mcp-protocol-version"),
            method: header("mcp-method"),
            name: header("mcp-name"),
            session: header("mcp-session-id"),
        }
    }

    /// With the revision that a session began with, where a client does not say it each time
    /// (2025-06-18, Transports, Protocol Version Header: no other way to know it).
    #[must_use]
    pub fn in_session(self, revision: Option<Revision>) -> Self {
        match (self.protocol_version, revision) {
            (Header::Absent, Some(revision)) => Self {
                protocol_version: Header::Text(revision.as_str()),
                ..self
            },
            (Header::Absent | Header::Text(_) | Header::Unreadable, _) => self,
        }
    }
}

/// What a request has in the header `name`.
pub(crate) fn one<'a>(headers: &'a HeaderMap, name: &str) -> Header<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Header::Absent,
        (Some(value), None) => value
            .to_str()
            .map_or(Header::Unreadable, |text| Header::Text(text.trim())),
        (Some(_), Some(_)) => Header::Unreadable,
    }
}

/// A header's value with the Base64 sentinel undone; nothing where it is broken.
pub(crate) fn decode_name(value: &str) -> Option<Cow<'_, str>> {
    let encoded = value
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    match encoded {
        None => Some(Cow::Borrowed(value)),
        Some(encoded) => {
            let bytes = STANDARD.decode(encoded).ok()?;
            String::from_utf8(bytes).ok().map(Cow::Owned)
        }
    }
}

/// A name as a header can carry it: as it is, or behind the sentinel where that would change it.
#[must_use]
pub fn encode_name(name: &str) -> Option<HeaderValue> {
    let plain = !name.is_empty()
        && name.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && name.trim() == name
        && !(name.starts_with(PREFIX) && name.ends_with(SUFFIX));
    if plain {
        HeaderValue::from_str(name).ok()
    } else {
        HeaderValue::from_str(&format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(name))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sentinel_is_exact_and_its_base64_strict() {
        for (value, name) in [
            ("add", Some("add")),
            ("=?base64?YWRk?=", Some("add")),
            ("=?base64?w6Q=?=", Some("ä")),
            ("=?base64??=", Some("")),
            // Not the marker: case counts, and both ends are needed.
            ("=?BASE64?YWRk?=", Some("=?BASE64?YWRk?=")),
            ("=?base64?YWRk", Some("=?base64?YWRk")),
            // Missing padding, a foreign alphabet, stray bits, bytes that are no text.
            ("=?base64?w6Q?=", None),
            ("=?base64?_-8=?=", None),
            ("=?base64?YWR=?=", None),
            ("=?base64?/w==?=", None),
        ] {
            assert_eq!(decode_name(value).as_deref(), name, "{value}");
        }
    }

    #[test]
    fn a_header_is_one_text_or_nothing_to_rely_on() {
        let mut headers = HeaderMap::new();
        let read = |headers: &HeaderMap| format!("{:?}", McpHeaders::read(headers).name);
        assert_eq!(read(&headers), "Absent");
        headers.insert("mcp-name", HeaderValue::from_static("  add\t"));
        assert_eq!(read(&headers), "Text(\"add\")");
        headers.append("Mcp-Name", HeaderValue::from_static("add"));
        assert_eq!(read(&headers), "Unreadable");
        headers.insert("mcp-name", HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(read(&headers), "Unreadable");
    }

    proptest! {
        #[test]
        fn every_name_survives_the_header(name in "\\PC{0,30}") {
            let value = encode_name(&name).unwrap();
            let text = value.to_str().unwrap();
            prop_assert_eq!(text.trim(), text);
            prop_assert_eq!(decode_name(text).unwrap(), name);
        }
    }
}
