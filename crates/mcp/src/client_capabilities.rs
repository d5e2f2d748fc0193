//! What a client says it can do, where a server may want to ask it for something.
//!
//! *Invariant:* a client is asked for nothing that it did not list in this very request
//! (2026-07-28, Base Protocol, `_meta`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::revision::Revision;

/// The extension by which a call may go on after its answer (SEP-2663).
pub const TASKS: &str = "io.modelcontextprotocol/tasks";

/// Something that a server may ask a client for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCapability {
    /// A form that a person fills in.
    Elicitation,
    /// Where on its machine the client works.
    Roots,
    /// What its model says.
    Sampling,
    /// To come back for the outcome of a call that goes on after its answer.
    Tasks,
}

/// What one client listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientCapabilities(Map<String, Value>);

impl ClientCapability {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elicitation => "elicitation",
            Self::Roots => "roots",
            Self::Sampling => "sampling",
            Self::Tasks => TASKS,
        }
    }

    /// The list of a client that can do this and nothing else.
    #[must_use]
    pub fn listed(self) -> Value {
        let listed = json!({ self.as_str(): {} });
        match self {
            Self::Elicitation | Self::Roots | Self::Sampling => listed,
            Self::Tasks => json!({ "extensions": listed }),
        }
    }
}

impl ClientCapabilities {
    /// The list in `meta`, the `_meta` of a request; empty where there is none.
    #[must_use]
    pub fn read(meta: &Map<String, Value>) -> Self {
        let list = meta.get(crate::meta::CLIENT_CAPABILITIES);
        Self(list.and_then(Value::as_object).cloned().unwrap_or_default())
    }

    /// What of the list in an `initialize` a server can make use of, in the words of the modern era.
    /// It is as short as it says: a client may list whatever it likes.
    #[must_use]
    pub fn initialized(listed: &Map<String, Value>, revision: Revision) -> Self {
        // 2025-11-25 brought web pages to elicitation, and tools to sampling.
        let latest = revision >= Revision::V2025_11_25;
        let of = |capability: ClientCapability, ways: &[&str]| {
            let name = capability.as_str();
            let said = listed.get(name)?.as_object()?;
            let ways = ways.iter().filter(|way| said.contains_key(**way));
            let ways = ways.map(|way| ((*way).to_owned(), Value::Object(Map::new())));
            Some((name.to_owned(), Value::Object(ways.collect())))
        };
        let elicitation: &[&str] = if latest { &["form", "url"] } else { &[] };
        let sampling: &[&str] = if latest { &["context", "tools"] } else { &[] };
        let all = [
            of(ClientCapability::Elicitation, elicitation),
            of(ClientCapability::Roots, &[]),
            of(ClientCapability::Sampling, sampling),
        ];
        Self(all.into_iter().flatten().collect())
    }

    /// Whether the client can show a person a web page.
    #[must_use]
    pub fn has_pages(&self) -> bool {
        let listed = self.0.get(ClientCapability::Elicitation.as_str());
        listed.is_some_and(|listed| listed.get("url").is_some_and(Value::is_object))
    }

    /// Whether the client can do this.
    #[must_use]
    pub fn has(&self, capability: ClientCapability) -> bool {
        let list = match capability {
            ClientCapability::Elicitation
            | ClientCapability::Roots
            | ClientCapability::Sampling => Some(&self.0),
            // 2026-07-28, Extensions: they have a list of their own.
            ClientCapability::Tasks => self.0.get("extensions").and_then(Value::as_object),
        };
        let listed = list.and_then(|list| list.get(capability.as_str()));
        let Some(listed) = listed.and_then(Value::as_object) else {
            return false;
        };
        match capability {
            // 2025-11-25, Elicitation, Capabilities: an empty object means forms, as it always did.
            ClientCapability::Elicitation => listed.is_empty() || listed.contains_key("form"),
            ClientCapability::Roots | ClientCapability::Sampling | ClientCapability::Tasks => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_a_list_in_initialize_no_more_is_kept_than_a_server_can_use() {
        let listed = json!({
            "elicitation": {"form": {"x": "long"}, "url": {}, "other": {}},
            "sampling": {"tools": {}}, "roots": {"listChanged": true},
            "experimental": {"x": "y"},
        });
        for (revision, kept) in [
            (
                Revision::V2025_11_25,
                json!({
                    "elicitation": {"form": {}, "url": {}}, "roots": {}, "sampling": {"tools": {}},
                }),
            ),
            (
                Revision::V2025_06_18,
                json!({"elicitation": {}, "roots": {}, "sampling": {}}),
            ),
        ] {
            let kept_of = ClientCapabilities::initialized(listed.as_object().unwrap(), revision);
            assert_eq!(json!(kept_of), kept, "{revision}");
            assert_eq!(kept_of.has_pages(), revision == Revision::V2025_11_25);
        }
        let broken = json!({"elicitation": true, "sampling": []});
        let broken =
            ClientCapabilities::initialized(broken.as_object().unwrap(), Revision::V2025_11_25);
        assert_eq!(broken, ClientCapabilities::default());
    }

    #[test]
    fn a_client_can_do_what_it_lists_and_an_empty_elicitation_is_a_form() {
        use ClientCapability::{Elicitation, Roots, Sampling, Tasks};
        for (listed, can) in [
            (json!({}), vec![]),
            (json!({"elicitation": {}}), vec![Elicitation]),
            (
                json!({"elicitation": {"form": {}, "url": {}}}),
                vec![Elicitation],
            ),
            (json!({"elicitation": {"url": {}}}), vec![]),
            (
                json!({"sampling": {}, "roots": {"listChanged": true}}),
                vec![Roots, Sampling],
            ),
            (json!({"sampling": true, "roots": null}), vec![]),
            (json!({"extensions": {TASKS: {}}}), vec![Tasks]),
            (json!({"extensions": {TASKS: true}}), vec![]),
            (json!({TASKS: {}}), vec![]),
            (json!([]), vec![]),
        ] {
            let meta = json!({ "io.modelcontextprotocol/clientCapabilities": listed });
            let client = ClientCapabilities::read(meta.as_object().unwrap());
            let found: Vec<_> = [Elicitation, Roots, Sampling, Tasks]
                .into_iter()
                .filter(|capability| client.has(*capability))
                .collect();
            assert_eq!(found, can, "{listed}");
        }
    }

    #[test]
    fn what_is_listed_is_what_it_can_do() {
        use ClientCapability::{Elicitation, Roots, Sampling, Tasks};
        for capability in [Elicitation, Roots, Sampling, Tasks] {
            let meta = json!({ "io.modelcontextprotocol/clientCapabilities": capability.listed() });
            assert!(ClientCapabilities::read(meta.as_object().unwrap()).has(capability));
        }
    }
}
