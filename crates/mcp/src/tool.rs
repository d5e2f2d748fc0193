//! A tool as a list shows it.
//!
//! *Invariant:* a schema is carried, never interpreted: whoever owns the tool judges arguments.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::param_headers::{MARKER, ParamHeaders, ParamHeadersRefused};
use crate::params::string;

/// What a toolset of ours says of one of its tools.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// What it is called by.
    pub name: String,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What models read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub input_schema: Box<RawValue>,
    /// JSON Schema of its structured result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Box<RawValue>>,
    /// What it does to the world.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
}

/// Hints on what a tool does to the world; none is a promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    /// It changes nothing.
    pub read_only_hint: bool,
    /// It may destroy something.
    pub destructive_hint: bool,
    /// Again is the same as once.
    pub idempotent_hint: bool,
    /// It reaches beyond this server.
    pub open_world_hint: bool,
}

/// A tool in a list: its name, and the JSON that a client gets.
#[derive(Clone, Debug)]
pub struct ToolEntry {
    name: String,
    mirrored: ParamHeaders,
    json: Box<RawValue>,
}

/// Why a tool is left out of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToolRefused {
    /// Not an object with a name and an input schema.
    #[error("the tool's description is malformed")]
    Malformed,
    /// Clients drop it.
    #[error("the tool's arguments cannot be in headers as it marks them")]
    Mirrored(#[from] ParamHeadersRefused),
    /// Its public name is not one a client takes.
    #[error("the tool's name is not 1 to 64 of A-Z, a-z, 0-9, `_`, `-` and `.`")]
    Name,
}

/// Clients take no more, though 2025-11-25 allows 128.
const LONGEST_NAME: usize = 64;

impl ToolEntry {
    /// The entry of a tool of our own.
    pub fn of(tool: &Tool, public_name: &str) -> Result<Self, ToolRefused> {
        let json = to_raw_value(tool).map_err(|_| ToolRefused::Malformed)?;
        Self::read(&json, |_| public_name.to_owned())
    }

    /// The entry of a tool that another server describes, under the name that `rename` gives it.
    pub fn read(json: &RawValue, rename: impl FnOnce(&str) -> String) -> Result<Self, ToolRefused> {
        let mut members: BTreeMap<Cow<'_, str>, Cow<'_, RawValue>> =
            serde_json::from_str(json.get()).map_err(|_| ToolRefused::Malformed)?;
        let named = string(members.get("name").map(AsRef::as_ref));
        let name = rename(&named.ok_or(ToolRefused::Malformed)?);
        check_name(&name)?;
        let schema = members.get("inputSchema").ok_or(ToolRefused::Malformed)?;
        if !schema.get().starts_with('{') {
            return Err(ToolRefused::Malformed);
        }
        let mirrored = mirrored(schema)?;
        let raw_name = to_raw_value(&name).map_err(|_| ToolRefused::Malformed)?;
        members.insert("name".into(), Cow::Owned(raw_name));
        let json = to_raw_value(&members).map_err(|_| ToolRefused::Malformed)?;
        Ok(Self {
            name,
            mirrored,
            json,
        })
    }

    /// The arguments that it wants in headers.
    #[must_use]
    pub const fn mirrored(&self) -> &ParamHeaders {
        &self.mirrored
    }

    /// Its public name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a client gets.
    #[must_use]
    pub fn json(&self) -> &RawValue {
        &self.json
    }
}

/// What a schema marks. Few do, and only those are read.
fn mirrored(schema: &RawValue) -> Result<ParamHeaders, ToolRefused> {
    if !schema.get().contains(MARKER) {
        return Ok(ParamHeaders::default());
    }
    let schema = serde_json::from_str(schema.get()).map_err(|_| ToolRefused::Malformed)?;
    Ok(ParamHeaders::of(&schema)?)
}

/// 2025-11-25, Tools, Tool Names.
fn check_name(name: &str) -> Result<(), ToolRefused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain) {
        Ok(())
    } else {
        Err(ToolRefused::Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ToolEntry, ToolRefused> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        ToolEntry::read(&raw, |name| format!("math_{name}"))
    }

    #[test]
    fn a_foreign_tool_keeps_everything_but_its_name() {
        let entry = read(
            r#"{"name":"add","title":"Add","inputSchema":{"type":"object"},"x-own":[1, 2],"_meta":{"a":null}}"#,
        )
        .unwrap();
        assert_eq!(entry.name(), "math_add");
        let value: serde_json::Value = serde_json::from_str(entry.json().get()).unwrap();
        assert_eq!(
            value,
            serde_json::json!({
                "name": "math_add", "title": "Add", "inputSchema": {"type": "object"},
                "x-own": [1, 2], "_meta": {"a": null},
            })
        );
    }

    #[test]
    fn a_tool_that_clients_could_not_use_is_left_out() {
        let long = format!(r#"{{"name":"{}","inputSchema":{{}}}}"#, "a".repeat(60));
        for (json, reason) in [
            (r#"{"inputSchema":{}}"#, ToolRefused::Malformed),
            (r#"{"name":7,"inputSchema":{}}"#, ToolRefused::Malformed),
            (r#"{"name":"a"}"#, ToolRefused::Malformed),
            (r#"{"name":"a","inputSchema":[]}"#, ToolRefused::Malformed),
            (r#"[]"#, ToolRefused::Malformed),
            (r#"{"name":"a b","inputSchema":{}}"#, ToolRefused::Name),
            (r#"{"name":"ä","inputSchema":{}}"#, ToolRefused::Name),
            (&*long, ToolRefused::Name),
            (
                r#"{"name":"a","inputSchema":{"properties":{"b":{"type":"array","x-mcp-header":"B"}}}}"#,
                ToolRefused::Mirrored(ParamHeadersRefused::Type("b".to_owned())),
            ),
        ] {
            assert_eq!(
                read(json).map(|entry| entry.name().to_owned()),
                Err(reason),
                "{json}"
            );
        }
    }

    #[test]
    fn our_own_tool_is_written_as_the_schema_has_it() {
        let tool = Tool {
            name: "add".to_owned(),
            title: None,
            description: Some("Adds".to_owned()),
            input_schema: RawValue::from_string("{}".to_owned()).unwrap(),
            output_schema: None,
            annotations: Some(Annotations {
                read_only_hint: true,
                ..Annotations::default()
            }),
        };
        let entry = ToolEntry::of(&tool, "add").unwrap();
        let value: serde_json::Value = serde_json::from_str(entry.json().get()).unwrap();
        assert_eq!(
            value,
            serde_json::json!({
                "name": "add", "description": "Adds", "inputSchema": {},
                "annotations": {
                    "readOnlyHint": true, "destructiveHint": false,
                    "idempotentHint": false, "openWorldHint": false,
                },
            })
        );
    }
}
