//! The id of a request, echoed byte for byte.
//!
//! *Invariant:* it is a string or an integer, never `null` (MCP, Base Protocol, Requests).

use serde::Serialize;
use serde_json::value::RawValue;

/// The id a client gave its request.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub struct RequestId<'a>(&'a RawValue);

impl<'a> RequestId<'a> {
    /// The id that `raw` is.
    #[must_use]
    pub fn read(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        let digits = text.strip_prefix('-').unwrap_or(text);
        let integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        (integer || text.starts_with('"')).then_some(Self(raw))
    }

    /// The id as JSON.
    #[must_use]
    pub fn as_json(self) -> &'a str {
        self.0.get()
    }
}

impl PartialEq for RequestId<'_> {
    fn eq(&self, other: &Self) -> bool {
        // One string has several JSON texts; an upstream may write it otherwise than the client.
        let read = |id: &Self| serde_json::from_str::<serde_json::Value>(id.as_json()).ok();
        self.as_json() == other.as_json() || read(self) == read(other)
    }
}

impl Eq for RequestId<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_string_or_an_integer() {
        for (json, good) in [
            ("1", true),
            ("-7", true),
            ("12345678901234567890", true),
            ("\"a\"", true),
            ("\"\"", true),
            ("null", false),
            ("1.5", false),
            ("1e3", false),
            ("true", false),
            ("[1]", false),
            ("{}", false),
        ] {
            let raw = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(RequestId::read(&raw).is_some(), good, "{json}");
        }
    }

    #[test]
    fn the_same_string_written_otherwise_is_the_same_id() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        let (plain, escaped, other) = (raw(r#""ab""#), raw(r#""\u0061b""#), raw(r#""b""#));
        let read = |raw| RequestId::read(raw).unwrap();
        assert_eq!(read(&plain), read(&escaped));
        assert_ne!(read(&plain), read(&other));
    }
}
