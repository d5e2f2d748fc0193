//! What a tool gives back.
//!
//! *Invariant:* a tool that failed is a result with `isError`, never a protocol error.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::resource::ResourceContents;

/// The outcome of a call.
#[derive(Clone, Debug)]
pub struct ToolOutput {
    /// For the model to read.
    pub content: Vec<Content>,
    /// For programs to read.
    pub structured: Option<Box<RawValue>>,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// One piece of content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
pub enum Content {
    /// Sound.
    Audio {
        /// The bytes.
        #[serde(serialize_with = "as_base64")]
        data: Vec<u8>,
        /// Of which type.
        mime_type: String,
    },
    /// A picture.
    Image {
        /// The bytes.
        #[serde(serialize_with = "as_base64")]
        data: Vec<u8>,
        /// Of which type.
        mime_type: String,
    },
    /// Something to read, brought along.
    Resource {
        /// What.
        resource: ResourceContents,
    },
    /// Words.
    Text {
        /// The words.
        text: String,
    },
}

pub(crate) fn as_base64<S: Serializer>(data: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(data))
}

impl ToolOutput {
    /// Words, and nothing else.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: vec![Content::Text { text: text.into() }],
            structured: None,
            is_error: false,
        }
    }

    /// Words that say what went wrong, and what would help.
    #[must_use]
    pub fn failure(words: impl Into<String>) -> Self {
        Self {
            is_error: true,
            ..Self::text(words)
        }
    }
}
