//! Prompts: what a server lists, and the messages that one becomes.
//!
//! *Invariant:* an argument that is not marked required may be missing.

use serde::Serialize;

use crate::call::Content;

/// A prompt in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prompt {
    /// What it is got by.
    pub name: String,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What models read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What may be filled in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<PromptArgument>,
}

/// A place in a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromptArgument {
    /// What it is called.
    pub name: String,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it must be filled in.
    pub required: bool,
}

/// A message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromptMessage {
    /// Who says it.
    pub role: Role,
    /// What.
    pub content: Content,
}

/// Who says something to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The model.
    Assistant,
    /// The person.
    User,
}
