//! What a client says it can do, where a server may want to ask it for something.
//!
//! *Invariant:* a client is asked for nothing that it did not list in this very request
//! (2026-07-28, Base Protocol, `_meta`).

use serde_json::{Map, Value};

/// Something that a server may ask a client for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCapability {
    /// A form that a person fills in.
    Elicitation,
    /// Where on its machine the client works.
    Roots,
    /// What its model says.
    Sampling,
}

/// What one client listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientCapabilities(Map<String, Value>);

impl ClientCapability {
    /// Its name in the list.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elicitation => "elicitation",
            Self::Roots => "roots",
            Self::Sampling => "sampling",
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

    /// Whether the client can do this.
    #[must_use]
    pub fn has(&self, capability: ClientCapability) -> bool {
        let Some(listed) = self.0.get(capability.as_str()).and_then(Value::as_object) else {
            return false;
        };
        match capability {
            // 2025-11-25, Elicitation, Capabilities: an empty object means forms, as it always did.
            ClientCapability::Elicitation => listed.is_empty() || listed.contains_key("form"),
            ClientCapability::Roots | ClientCapability::Sampling => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_client_can_do_what_it_lists_and_an_empty_elicitation_is_a_form() {
        use ClientCapability::{Elicitation, Roots, Sampling};
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
            (json!([]), vec![]),
        ] {
            let meta = json!({ "io.modelcontextprotocol/clientCapabilities": listed });
            let client = ClientCapabilities::read(meta.as_object().unwrap());
            let found: Vec<_> = [Elicitation, Roots, Sampling]
                .into_iter()
                .filter(|capability| client.has(*capability))
                .collect();
            assert_eq!(found, can, "{listed}");
        }
    }
}
