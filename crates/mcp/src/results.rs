//! Results, as each era writes them.
//!
//! *Invariant:* `resultType`, caching hints and `serverInfo` in `_meta` are in every modern result
//! and in no legacy one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::call::{Content, ToolOutput};
use crate::capabilities::Capabilities;
use crate::entry::Entry;
use crate::reply::ReplyRefused;
use crate::revision::{Era, Revision};
use crate::tool::ToolEntry;

/// What a server calls itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Implementation {
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// `{}`, which is the whole of a legacy `ping`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Empty {}

/// What `initialize` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialized {
    protocol_version: Revision,
    capabilities: Capabilities,
    server_info: Implementation,
}

/// What `server/discover` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovered {
    supported_versions: [Revision; 4],
    capabilities: Capabilities,
    #[serde(flatten)]
    cache: Cache,
    #[serde(flatten)]
    complete: Complete,
}

/// What `tools/list` answers.
#[derive(Debug, Serialize)]
pub struct ToolList<'a> {
    tools: Vec<&'a RawValue>,
    #[serde(flatten)]
    cache: Option<Cache>,
    #[serde(flatten)]
    complete: Option<Complete>,
}

/// What the lists of prompts, resources and templates answer.
#[derive(Debug, Serialize)]
pub struct EntryList<'a> {
    #[serde(flatten)]
    entries: Entries<'a>,
    #[serde(flatten)]
    cache: Option<Cache>,
    #[serde(flatten)]
    complete: Option<Complete>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Entries<'a> {
    Prompts(Vec<&'a RawValue>),
    ResourceTemplates(Vec<&'a RawValue>),
    Resources(Vec<&'a RawValue>),
}

/// What `tools/call` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Called<'a> {
    content: &'a [Content],
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_content: Option<&'a RawValue>,
    is_error: bool,
    #[serde(flatten)]
    complete: Option<Complete>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Complete {
    result_type: &'static str,
    #[serde(rename = "_meta")]
    meta: ResultMeta,
}

#[derive(Debug, Serialize)]
struct ResultMeta {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    server_info: Implementation,
}

/// 2026-07-28, Caching: what two people see may differ, so nothing is for sharing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cache {
    ttl_ms: u32,
    cache_scope: &'static str,
}

/// What this server is changes with a deployment only.
const DISCOVERY_TTL: u32 = 300_000;
/// What a person has changes with their roles.
const LIST_TTL: u32 = 15_000;

impl Complete {
    const fn by(server_info: Implementation) -> Self {
        Self {
            result_type: "complete",
            meta: ResultMeta { server_info },
        }
    }

    fn in_era(era: Era, server_info: Implementation) -> Option<Self> {
        (era == Era::Modern).then(|| Self::by(server_info))
    }
}

impl Cache {
    const fn private(ttl_ms: u32) -> Self {
        Self {
            ttl_ms,
            cache_scope: "private",
        }
    }
}

impl Initialized {
    /// The answer in the negotiated revision.
    #[must_use]
    pub const fn new(
        revision: Revision,
        server: Implementation,
        capabilities: Capabilities,
    ) -> Self {
        Self {
            protocol_version: revision,
            capabilities,
            server_info: server,
        }
    }
}

impl Discovered {
    /// The answer.
    #[must_use]
    pub const fn new(server: Implementation, capabilities: Capabilities) -> Self {
        Self {
            supported_versions: Revision::ADVERTISED,
            capabilities,
            cache: Cache::private(DISCOVERY_TTL),
            complete: Complete::by(server),
        }
    }
}

impl<'a> ToolList<'a> {
    /// The answer with these tools.
    pub fn new(
        era: Era,
        server: Implementation,
        tools: impl Iterator<Item = &'a ToolEntry>,
    ) -> Self {
        Self {
            tools: tools.map(ToolEntry::json).collect(),
            cache: (era == Era::Modern).then(|| Cache::private(LIST_TTL)),
            complete: Complete::in_era(era, server),
        }
    }
}

impl<'a> EntryList<'a> {
    /// The answer with these prompts.
    pub fn prompts(
        era: Era,
        server: Implementation,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Self {
        Self::new(era, server, Entries::Prompts(json(entries)))
    }

    /// The answer with these resources.
    pub fn resources(
        era: Era,
        server: Implementation,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Self {
        Self::new(era, server, Entries::Resources(json(entries)))
    }

    /// The answer with these templates.
    pub fn templates(
        era: Era,
        server: Implementation,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Self {
        Self::new(era, server, Entries::ResourceTemplates(json(entries)))
    }

    fn new(era: Era, server: Implementation, entries: Entries<'a>) -> Self {
        Self {
            entries,
            cache: (era == Era::Modern).then(|| Cache::private(LIST_TTL)),
            complete: Complete::in_era(era, server),
        }
    }
}

fn json<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<&'a RawValue> {
    entries.map(Entry::json).collect()
}

impl<'a> Called<'a> {
    /// The answer with what a tool gave back.
    #[must_use]
    pub fn new(era: Era, server: Implementation, output: &'a ToolOutput) -> Self {
        // Until 2026-07-28 structured content is an object or it is not there.
        let fits = |raw: &&RawValue| era == Era::Modern || raw.get().starts_with('{');
        Self {
            content: &output.content,
            structured_content: output.structured.as_deref().filter(fits),
            is_error: output.is_error,
            complete: Complete::in_era(era, server),
        }
    }
}

/// A modern server's result, as a legacy client reads it.
pub fn to_legacy(
    result: &RawValue,
) -> Result<BTreeMap<Cow<'_, str>, Cow<'_, RawValue>>, ReplyRefused> {
    let mut members: BTreeMap<Cow<'_, str>, Cow<'_, RawValue>> =
        serde_json::from_str(result.get()).map_err(|_| ReplyRefused::Malformed)?;
    match members.remove("resultType") {
        Some(kind) if kind.get() == "\"complete\"" => {}
        // Older drafts left it out; anything else asks for a turn that a legacy client cannot take.
        None => {}
        Some(_) => return Err(ReplyRefused::Incomplete),
    }
    members.remove("ttlMs");
    members.remove("cacheScope");
    if let Some(meta) = members.remove("_meta") {
        let mut keys: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(meta.get()).map_err(|_| ReplyRefused::Malformed)?;
        keys.remove("io.modelcontextprotocol/serverInfo");
        if !keys.is_empty() {
            let meta =
                serde_json::value::to_raw_value(&keys).map_err(|_| ReplyRefused::Malformed)?;
            members.insert("_meta".into(), Cow::Owned(meta));
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json, to_value};

    const SERVER: Implementation = Implementation {
        name: "postern",
        title: "Postern",
        version: "1.2.3",
    };

    fn raw(json: &Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(json).unwrap()
    }

    #[test]
    fn a_legacy_answer_has_nothing_of_the_modern_era() {
        assert_eq!(to_value(Empty {}).unwrap(), json!({}));
        assert_eq!(
            to_value(Initialized::new(
                Revision::V2025_06_18,
                SERVER,
                Capabilities::TOOLS
            ))
            .unwrap(),
            json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "postern", "title": "Postern", "version": "1.2.3"},
            })
        );
        let list = ToolList::new(Era::Legacy, SERVER, [].iter());
        assert_eq!(to_value(list).unwrap(), json!({"tools": []}));
        let list = EntryList::templates(Era::Legacy, SERVER, [].iter());
        assert_eq!(to_value(list).unwrap(), json!({"resourceTemplates": []}));
        let output = ToolOutput::text("42");
        assert_eq!(
            to_value(Called::new(Era::Legacy, SERVER, &output)).unwrap(),
            json!({"content": [{"type": "text", "text": "42"}], "isError": false})
        );
    }

    #[test]
    fn a_modern_answer_says_that_it_is_complete_and_who_gave_it() {
        let meta = json!({"io.modelcontextprotocol/serverInfo": SERVER});
        let cached = |mut value: Value| {
            let members = value.as_object_mut().unwrap();
            assert_eq!(members.remove("cacheScope"), Some(json!("private")));
            assert!(members.remove("ttlMs").unwrap().is_u64());
            assert_eq!(members.remove("resultType"), Some(json!("complete")));
            assert_eq!(members.remove("_meta").as_ref(), Some(&meta));
            value
        };
        assert_eq!(
            cached(to_value(Discovered::new(SERVER, Capabilities::TOOLS)).unwrap()),
            json!({
                "supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"],
                "capabilities": {"tools": {}},
            })
        );
        let list = ToolList::new(Era::Modern, SERVER, [].iter());
        assert_eq!(cached(to_value(list).unwrap()), json!({"tools": []}));
        let resource = Entry::resource(&raw(&json!({"uri": "a://b", "name": "b"})), "uri");
        let resource = resource.unwrap();
        let list = EntryList::resources(Era::Modern, SERVER, std::iter::once(&resource));
        assert_eq!(
            cached(to_value(list).unwrap()),
            json!({"resources": [{"uri": "a://b", "name": "b"}]})
        );
        let output = ToolOutput {
            content: vec![Content::Image {
                data: b"\xff".to_vec(),
                mime_type: "image/png".to_owned(),
            }],
            structured: Some(raw(&json!(7))),
            is_error: true,
        };
        assert_eq!(
            to_value(Called::new(Era::Modern, SERVER, &output)).unwrap(),
            json!({
                "content": [{"type": "image", "data": "/w==", "mimeType": "image/png"}],
                "structuredContent": 7, "isError": true,
                "resultType": "complete", "_meta": meta,
            })
        );
    }

    #[test]
    fn structured_content_that_is_no_object_is_for_modern_clients_only() {
        let mut output = ToolOutput::text("7");
        for (structured, shown) in [(json!(7), false), (json!({"a": 1}), true)] {
            output.structured = Some(raw(&structured));
            let value = to_value(Called::new(Era::Legacy, SERVER, &output)).unwrap();
            assert_eq!(
                value.get("structuredContent").is_some(),
                shown,
                "{structured}"
            );
        }
    }

    #[test]
    fn a_modern_result_loses_its_era_on_the_way_to_a_legacy_client() {
        let modern = raw(&json!({
            "content": [], "resultType": "complete", "ttlMs": 1, "cacheScope": "public",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "x"}, "own": 1},
        }));
        assert_eq!(
            to_value(to_legacy(&modern).unwrap()).unwrap(),
            json!({"content": [], "_meta": {"own": 1}})
        );
        let bare = raw(&json!({
            "content": [], "resultType": "complete",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "x"}},
        }));
        assert_eq!(
            to_value(to_legacy(&bare).unwrap()).unwrap(),
            json!({"content": []})
        );
        for (result, reason) in [
            (
                json!({"resultType": "input_required"}),
                ReplyRefused::Incomplete,
            ),
            (json!({"resultType": "task"}), ReplyRefused::Incomplete),
            (json!([]), ReplyRefused::Malformed),
        ] {
            assert_eq!(
                to_legacy(&raw(&result)).map(|_| ()),
                Err(reason),
                "{result}"
            );
        }
    }
}
