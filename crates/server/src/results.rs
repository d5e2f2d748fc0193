//! Results, as 2026-07-28 writes them.
//!
//! *Invariant:* every result says its type and who gave it, and every list for how long it is good,
//! for this person alone.

use std::collections::BTreeMap;

use mcp::results::Implementation;
use mcp::{Prompt, PromptMessage, Resource, ResourceContents, ResourceTemplate, Revision, Tool};
use serde::Serialize;
use serde_json::Value;

use crate::offered::Capabilities;

/// What a server is changes with a deployment only.
pub(crate) const DISCOVERY_TTL: u32 = 300_000;
/// What a person sees may change with their roles.
pub(crate) const LIST_TTL: u32 = 15_000;
/// What was read is the caller's to read again: nobody knows how it changes.
pub(crate) const CONTENTS_TTL: u32 = 0;

/// What could be meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// Best first, a hundred at most.
    pub values: Vec<String>,
    /// How many there are, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// Whether there are more than these.
    pub has_more: bool,
}

/// What `prompts/get` answers.
#[derive(Debug, Serialize)]
pub struct Prompted {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The messages that it became.
    pub messages: Vec<PromptMessage>,
}

/// What `server/discover` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Discovered<'a> {
    pub(crate) supported_versions: [Revision; 1],
    pub(crate) capabilities: Capabilities,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<&'a str>,
}

/// A list, under the name that its method gives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Listed {
    Completion(Completion),
    Contents(Vec<ResourceContents>),
    Prompts(Vec<Prompt>),
    ResourceTemplates(Vec<ResourceTemplate>),
    Resources(Vec<Resource>),
    Tools(Vec<Tool>),
}

/// What asks for input.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InputRequired {
    pub(crate) input_requests: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_state: Option<String>,
}

/// What says no more than that it was heard.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

/// A result with what is in every one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Said<T> {
    #[serde(flatten)]
    content: T,
    result_type: &'static str,
    #[serde(flatten)]
    cache: Option<Cache>,
    #[serde(rename = "_meta")]
    meta: Meta,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cache {
    ttl_ms: u32,
    cache_scope: &'static str,
}

#[derive(Debug, Serialize)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    server_info: Implementation,
    #[serde(
        rename = "io.modelcontextprotocol/subscriptionId",
        skip_serializing_if = "Option::is_none"
    )]
    subscription: Option<Value>,
}

impl<T> Said<T> {
    pub(crate) const fn complete(server: Implementation, content: T) -> Self {
        Self::of_type("complete", server, content)
    }

    pub(crate) const fn of_type(
        result_type: &'static str,
        server: Implementation,
        content: T,
    ) -> Self {
        Self {
            content,
            result_type,
            cache: None,
            meta: Meta {
                server_info: server,
                subscription: None,
            },
        }
    }

    /// That may be kept for so many milliseconds, by the person alone.
    pub(crate) fn kept(mut self, ttl_ms: u32) -> Self {
        self.cache = Some(Cache {
            ttl_ms,
            cache_scope: "private",
        });
        self
    }

    pub(crate) fn of_subscription(mut self, id: Value) -> Self {
        self.meta.subscription = Some(id);
        self
    }
}
