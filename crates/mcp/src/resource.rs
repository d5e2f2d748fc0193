//! Resources: what a server lists, and what is read.
//!
//! *Invariant:* contents are text or bytes, never both.

use serde::Serialize;

use crate::call::as_base64;

/// Something that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// What it is read by.
    pub uri: String,
    /// What programs call it.
    pub name: String,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What models read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of which type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}

/// Many things that can be read, by a URI with places to fill in (RFC 6570).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTemplate {
    /// What they are read by.
    pub uri_template: String,
    /// What programs call them.
    pub name: String,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What models read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of which type, if all are of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceContents {
    /// Where.
    pub uri: String,
    /// Of which type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// What.
    #[serde(flatten)]
    pub body: ResourceBody,
}

/// Text, or bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceBody {
    /// Bytes.
    Blob(#[serde(serialize_with = "as_base64")] Vec<u8>),
    /// Text.
    Text(String),
}

impl ResourceContents {
    /// Text of a type.
    #[must_use]
    pub fn text(uri: &str, mime_type: &str, text: impl Into<String>) -> Self {
        Self {
            uri: uri.to_owned(),
            mime_type: Some(mime_type.to_owned()),
            body: ResourceBody::Text(text.into()),
        }
    }

    /// Bytes of a type.
    #[must_use]
    pub fn bytes(uri: &str, mime_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            uri: uri.to_owned(),
            mime_type: Some(mime_type.to_owned()),
            body: ResourceBody::Blob(bytes.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, to_value};

    #[test]
    fn contents_are_text_or_bytes_in_base64() {
        for (contents, expected) in [
            (
                ResourceContents::text("a://b", "text/plain", "words"),
                json!({"uri": "a://b", "mimeType": "text/plain", "text": "words"}),
            ),
            (
                ResourceContents::bytes("a://b", "image/png", b"\xff"),
                json!({"uri": "a://b", "mimeType": "image/png", "blob": "/w=="}),
            ),
        ] {
            assert_eq!(to_value(contents).unwrap(), expected);
        }
    }
}
