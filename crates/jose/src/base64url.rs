//! Base64url without padding (RFC 4648 §5), the text form of every token, key and id here.
//!
//! *Invariant:* one value has one text: trailing bits and padding are refused when decoding.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The text of `bytes`.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of `text`, if it is the canonical text of any.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The text of `bytes` in base64 with padding (RFC 4648 §4), for `Authorization: Basic`.
#[must_use]
pub fn encode_base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of base64 with padding (RFC 4648 §4), as `Authorization: Basic` carries it.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
