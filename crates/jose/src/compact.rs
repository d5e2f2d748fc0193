//! The compact form of a JWT that somebody else made (RFC 7515 §7.1).
//!
//! *Invariant:* it only takes a token apart; whether anything in it is true, and with which
//! algorithm that is to be found out, is never decided here.

use serde_json::{Map, Value};

use crate::{base64url, json};

/// A longer token is not read.
const MAX_BYTES: usize = 16 * 1024;

/// Why text is no token that can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompactRefused {
    /// It demands an extension, of which there are none here (RFC 7515 §4.1.11).
    Critical,
    /// Not three base64url parts of which two are JSON objects.
    Malformed,
    /// Too long.
    TooLong,
}

/// The parts of a token, still encoded.
pub(crate) struct Compact<'a> {
    signed: &'a str,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

/// What a header says, as it was written.
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) typ: Option<String>,
    pub(crate) kid: Option<String>,
}

/// What a token says of itself before anybody vouches for it: enough to find out who could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// The header `alg`.
    pub alg: String,
    /// The header `typ`.
    pub typ: Option<String>,
    /// The claim `iss`.
    pub iss: Option<String>,
}

impl Glimpse {
    /// Looks at a token; nothing where it cannot be taken apart.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let token = Compact::of(token).ok()?;
        let header = token.header().ok()?;
        let iss = match token.claims().ok()?.remove("iss") {
            Some(Value::String(iss)) => Some(iss),
            _ => None,
        };
        Some(Self {
            alg: header.alg,
            typ: header.typ,
            iss,
        })
    }
}

impl<'a> Compact<'a> {
    pub(crate) fn of(token: &'a str) -> Result<Self, CompactRefused> {
        if token.len() > MAX_BYTES {
            return Err(CompactRefused::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(CompactRefused::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(CompactRefused::Malformed)?;
        Ok(Self {
            signed,
            header,
            claims,
            signature,
        })
    }

    /// The bytes that the signature or the MAC is over.
    pub(crate) const fn signed(&self) -> &'a [u8] {
        self.signed.as_bytes()
    }

    /// The bytes of the signature or the MAC.
    pub(crate) fn signature(&self) -> Result<Vec<u8>, CompactRefused> {
        base64url::decode(self.signature).ok_or(CompactRefused::Malformed)
    }

    pub(crate) fn header(&self) -> Result<Header, CompactRefused> {
        let members = decoded(self.header)?;
        if members.contains_key("crit") {
            return Err(CompactRefused::Critical);
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(CompactRefused::Malformed),
        };
        Ok(Header {
            alg: text("alg")?.ok_or(CompactRefused::Malformed)?,
            typ: text("typ")?,
            kid: text("kid")?,
        })
    }

    pub(crate) fn claims(&self) -> Result<Map<String, Value>, CompactRefused> {
        decoded(self.claims)
    }
}

fn decoded(part: &str) -> Result<Map<String, Value>, CompactRefused> {
    let bytes = base64url::decode(part).ok_or(CompactRefused::Malformed)?;
    json::object(&bytes).ok_or(CompactRefused::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode;

    #[test]
    fn a_glimpse_shows_what_a_token_says_and_believes_none_of_it() {
        let token = |header: &str, claims: &str| format!("{}.{}.x", encode(header), encode(claims));
        let seen = Glimpse::of(&token(r#"{"alg":"none","typ":"JWT"}"#, r#"{"iss":"a"}"#)).unwrap();
        let (alg, typ, iss) = (seen.alg, seen.typ, seen.iss);
        assert_eq!(
            (&*alg, typ.as_deref(), iss.as_deref()),
            ("none", Some("JWT"), Some("a"))
        );
        let seen = Glimpse::of(&token(r#"{"alg":"HS256"}"#, r#"{"iss":7}"#)).unwrap();
        assert_eq!((seen.typ, seen.iss), (None, None));
        for text in [
            "",
            "a.b.c",
            &token("{}", "{}"),
            &token(r#"{"alg":"HS256","crit":["b64"]}"#, "{}"),
            &token(r#"{"alg":"HS256"}"#, r#"{"iss":"a","iss":"b"}"#),
        ] {
            assert_eq!(Glimpse::of(text), None, "{text}");
        }
    }
}
