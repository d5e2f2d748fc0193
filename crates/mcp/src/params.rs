//! The `params` of a message, read one level deep.
//!
//! *Invariant:* only keys that a rule speaks of are looked at, and their values stay raw.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::meta::Meta;
use crate::refused::Refused;

/// What a message brings along.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a> {
    /// All of it.
    pub raw: Option<&'a RawValue>,
    /// `_meta`, where the modern era says what `initialize` used to say.
    pub meta: Meta<'a>,
    /// Of a tool or prompt.
    pub name: Option<&'a RawValue>,
    /// Of a resource.
    pub uri: Option<&'a RawValue>,
    /// Of a task.
    pub task_id: Option<&'a RawValue>,
    /// Of a call.
    pub arguments: Option<&'a RawValue>,
    /// Of a list.
    pub cursor: Option<&'a RawValue>,
    /// Of `initialize`.
    pub protocol_version: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, rename = "taskId")]
    task_id: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    cursor: Option<&'a RawValue>,
    #[serde(borrow, rename = "protocolVersion")]
    protocol_version: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    pub(crate) fn read(raw: &'a RawValue) -> Result<Self, Refused> {
        if !raw.get().starts_with('{') {
            return Err(Refused::ParamsMalformed("`params` must be an object"));
        }
        let wire: Wire<'a> = serde_json::from_str(raw.get())
            .map_err(|_| Refused::ParamsMalformed("`params` has a key twice"))?;
        Ok(Self {
            raw: Some(raw),
            meta: Meta::read(wire.meta),
            name: wire.name,
            uri: wire.uri,
            task_id: wire.task_id,
            arguments: wire.arguments,
            cursor: wire.cursor,
            protocol_version: wire.protocol_version,
        })
    }
}

/// The string that `raw` is.
pub(crate) fn string(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    /// Serde borrows a `Cow` only where a field says so.
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    let text: Text<'_> = serde_json::from_str(raw?.get()).ok()?;
    Some(text.0)
}

impl<'a> Params<'a> {
    /// The name, where it is a string.
    #[must_use]
    pub fn name(&self) -> Option<Cow<'a, str>> {
        string(self.name)
    }

    /// The URI, where it is a string.
    #[must_use]
    pub fn uri(&self) -> Option<Cow<'a, str>> {
        string(self.uri)
    }

    /// The revision that `initialize` asks for, where it is a string.
    #[must_use]
    pub fn protocol_version(&self) -> Option<Cow<'a, str>> {
        string(self.protocol_version)
    }
}
