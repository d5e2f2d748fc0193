//! What a client says of itself once, when it begins a session.
//!
//! *Invariant:* it is short, whatever the client said: it travels in a header of every request.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::client_capabilities::ClientCapabilities;
use crate::params::Params;
use crate::revision::Revision;

/// A client, as it introduced itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// What it can be asked for.
    #[serde(rename = "can", default)]
    pub capabilities: ClientCapabilities,
    /// What it is called.
    #[serde(rename = "is", default, skip_serializing_if = "Option::is_none")]
    pub info: Option<ClientInfo>,
}

/// What a client is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "clientInfo")]
    info: Option<&'a RawValue>,
}

/// Longer names are cut.
const NAME: usize = 64;
const VERSION: usize = 32;

impl Client {
    /// The client that sends `initialize` with these parameters. What cannot be read is not there:
    /// a client is not turned away for how it introduces itself.
    #[must_use]
    pub fn initializing(params: &Params<'_>, revision: Revision) -> Self {
        let wire = params.raw.map(|raw| serde_json::from_str(raw.get()));
        let Some(Ok(Wire { capabilities, info })) = wire else {
            return Self::default();
        };
        let listed = capabilities.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let listed: Map<String, Value> = listed.unwrap_or_default();
        Self {
            capabilities: ClientCapabilities::initialized(&listed, revision),
            info: info.and_then(ClientInfo::read),
        }
    }
}

impl ClientInfo {
    fn read(raw: &RawValue) -> Option<Self> {
        let said: Self = serde_json::from_str(raw.get()).ok()?;
        Some(Self {
            name: said.name.chars().take(NAME).collect(),
            version: said.version.chars().take(VERSION).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, to_value};

    fn of(params: &Value) -> Value {
        let raw = serde_json::value::to_raw_value(params).unwrap();
        let params = Params::read(&raw).unwrap();
        to_value(Client::initializing(&params, Revision::V2025_11_25)).unwrap()
    }

    #[test]
    fn what_a_client_is_and_can_do_is_kept_as_far_as_it_can_be_read() {
        let can = json!({"roots": {}});
        for (params, kept) in [
            (
                json!({
                    "capabilities": {"roots": {"listChanged": true}},
                    "clientInfo": {"name": "x", "version": "1", "title": "X"},
                }),
                json!({"can": can, "is": {"name": "x", "version": "1"}}),
            ),
            (
                json!({"capabilities": {"roots": {}}, "clientInfo": {"name": 7}}),
                json!({"can": can}),
            ),
            (
                json!({"capabilities": [], "clientInfo": null}),
                json!({"can": {}}),
            ),
            (json!({}), json!({"can": {}})),
        ] {
            assert_eq!(of(&params), kept, "{params}");
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        let long = "ä".repeat(10_000);
        let kept = of(&json!({"clientInfo": {"name": long, "version": long}}));
        assert!(kept.to_string().len() < 300, "{kept}");
    }
}
