//! Prompts and resources of another server, as our lists show them.
//!
//! *Invariant:* only the name of a prompt is changed; everything else is as its server wrote it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};

use crate::params::string;

type Members<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// Something in a list: what it is asked for by, and the JSON that a client gets.
#[derive(Clone, Debug)]
pub struct Entry {
    id: String,
    json: Box<RawValue>,
}

/// Not an object with what it is asked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry of the list is malformed")]
pub struct EntryRefused;

impl Entry {
    /// A prompt, under the name that `rename` gives it.
    pub fn prompt(
        json: &RawValue,
        rename: impl FnOnce(&str) -> String,
    ) -> Result<Self, EntryRefused> {
        let (mut members, name) = read(json, "name")?;
        let id = rename(&name);
        let raw = to_raw_value(&id).map_err(|_| EntryRefused)?;
        members.insert("name".into(), Cow::Owned(raw));
        let json = to_raw_value(&members).map_err(|_| EntryRefused)?;
        Ok(Self { id, json })
    }

    /// A resource, by its `uri`, or a template, by its `uriTemplate`.
    pub fn resource(json: &RawValue, key: &'static str) -> Result<Self, EntryRefused> {
        let (_, id) = read(json, key)?;
        Ok(Self {
            id,
            json: json.to_owned(),
        })
    }

    /// Its public name, its URI or its template.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a client gets.
    #[must_use]
    pub fn json(&self) -> &RawValue {
        &self.json
    }
}

fn read<'a>(json: &'a RawValue, key: &str) -> Result<(Members<'a>, String), EntryRefused> {
    let members: Members<'a> = serde_json::from_str(json.get()).map_err(|_| EntryRefused)?;
    let id = string(members.get(key).map(AsRef::as_ref));
    let id = id.ok_or(EntryRefused)?.into_owned();
    Ok((members, id))
}

/// Whether a URI may be one of `template`'s (RFC 6570): its fixed parts are there, in order.
///
/// It may say yes to a URI that the template cannot make; whoever owns the template judges.
#[must_use]
pub fn may_be_of_template(uri: &str, template: &str) -> bool {
    let mut rest = uri;
    let mut fixed = template;
    let mut first = true;
    while let Some((before, after)) = fixed.split_once('{') {
        let found = if first {
            rest.strip_prefix(before)
        } else {
            rest.find(before)
                .and_then(|at| rest.get(at + before.len()..))
        };
        let Some(left) = found else { return false };
        let Some((_, after)) = after.split_once('}') else {
            return false;
        };
        (rest, fixed, first) = (left, after, false);
    }
    if first {
        rest == fixed
    } else {
        rest.ends_with(fixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(json: &serde_json::Value) -> Box<RawValue> {
        to_raw_value(json).unwrap()
    }

    #[test]
    fn a_prompt_keeps_everything_but_its_name_and_a_resource_everything() {
        let prompt = json!({"name": "a", "arguments": [{"name": "b"}], "x-own": 1});
        let entry = Entry::prompt(&raw(&prompt), |name| format!("s_{name}")).unwrap();
        assert_eq!(entry.id(), "s_a");
        let value: serde_json::Value = serde_json::from_str(entry.json().get()).unwrap();
        assert_eq!(
            value,
            json!({"name": "s_a", "arguments": [{"name": "b"}], "x-own": 1})
        );
        let resource = raw(&json!({"uri": "a://b", "name": "n"}));
        let entry = Entry::resource(&resource, "uri").unwrap();
        assert_eq!((entry.id(), entry.json().get()), ("a://b", resource.get()));
    }

    #[test]
    fn what_cannot_be_asked_for_is_refused() {
        for json in [json!({}), json!([]), json!({"name": 7, "uri": null})] {
            let json = raw(&json);
            assert!(Entry::prompt(&json, str::to_owned).is_err(), "{json}");
            assert!(Entry::resource(&json, "uri").is_err(), "{json}");
        }
    }

    #[test]
    fn a_uri_is_of_a_template_where_its_fixed_parts_are() {
        for (uri, template, is) in [
            ("a://1/data", "a://{id}/data", true),
            ("a:///data", "a://{id}/data", true),
            ("a://1/2/data", "a://{id}/{more}/data", true),
            ("a://1/date", "a://{id}/data", false),
            ("b://1/data", "a://{id}/data", false),
            ("a://b", "a://b", true),
            ("a://bc", "a://b", false),
            ("a://x?q=1", "a://x{?q}", true),
            ("a://", "a://{id", false),
        ] {
            assert_eq!(may_be_of_template(uri, template), is, "{uri} {template}");
        }
    }
}
