//! What servers say they offer, and what a client is told of several of them.
//!
//! *Invariant:* nothing is told to a client that no server said.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::reply::ReplyRefused;

/// What a server offers, as `initialize` and `server/discover` have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// Completion of arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completions: Option<Offered>,
    /// Log lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<Offered>,
    /// Prompts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<Offered>,
    /// Resources, and templates of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Offered>,
    /// Tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Offered>,
}

/// How something is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Offered {
    /// Who listens is told when the list changes.
    #[serde(skip_serializing_if = "is_false")]
    pub list_changed: bool,
    /// Who listens is told when a single one changes.
    #[serde(skip_serializing_if = "is_false")]
    pub subscribe: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Offered {
    fn and(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(Self {
                list_changed: one.list_changed || other.list_changed,
                subscribe: one.subscribe || other.subscribe,
            }),
            (one, other) => one.or(other),
        }
    }
}

impl Capabilities {
    /// Tools, in a list that does not change.
    pub const TOOLS: Self = Self {
        completions: None,
        logging: None,
        prompts: None,
        resources: None,
        tools: Some(Offered {
            list_changed: false,
            subscribe: false,
        }),
    };

    /// Reads the result of `server/discover`.
    pub fn of_discovery(result: &RawValue) -> Result<Self, ReplyRefused> {
        #[derive(Deserialize)]
        struct Discovered {
            capabilities: Capabilities,
        }
        let discovered: Discovered =
            serde_json::from_str(result.get()).map_err(|_| ReplyRefused::Malformed)?;
        Ok(discovered.capabilities)
    }

    /// What these offer together with those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            completions: Offered::and(self.completions, other.completions),
            logging: Offered::and(self.logging, other.logging),
            prompts: Offered::and(self.prompts, other.prompts),
            resources: Offered::and(self.resources, other.resources),
            tools: Offered::and(self.tools, other.tools),
        }
    }

    /// The same, where nobody is told of changes.
    #[must_use]
    pub fn without_changes(self) -> Self {
        let silent = |offered: Option<Offered>| offered.map(|_| Offered::default());
        Self {
            completions: silent(self.completions),
            logging: silent(self.logging),
            prompts: silent(self.prompts),
            resources: silent(self.resources),
            tools: silent(self.tools),
        }
    }

    /// Whether who listens hears of anything.
    #[must_use]
    pub fn has_changes(self) -> bool {
        self != self.without_changes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json, to_value};

    fn read(result: &Value) -> Result<Capabilities, ReplyRefused> {
        Capabilities::of_discovery(&serde_json::value::to_raw_value(result).unwrap())
    }

    #[test]
    fn what_is_not_known_is_passed_over_and_what_has_no_such_form_is_refused() {
        let offers = json!({"capabilities": {
            "prompts": {"listChanged": true, "more": 1},
            "resources": {"subscribe": true, "listChanged": false},
            "tools": {}, "extensions": {"a/b": {}}, "tasks": 7,
        }, "supportedVersions": []});
        let offered = read(&offers).unwrap();
        assert_eq!(
            to_value(offered).unwrap(),
            json!({
                "prompts": {"listChanged": true}, "resources": {"subscribe": true}, "tools": {},
            })
        );
        assert!(offered.has_changes() && !offered.without_changes().has_changes());
        for malformed in [
            json!({}),
            json!({"capabilities": "all"}),
            json!({"capabilities": {"tools": 7}}),
            json!({"capabilities": {"tools": {"listChanged": "yes"}}}),
        ] {
            assert_eq!(
                read(&malformed),
                Err(ReplyRefused::Malformed),
                "{malformed}"
            );
        }
    }

    #[test]
    fn several_servers_offer_what_any_of_them_does() {
        let one = json!({"capabilities": {"tools": {"listChanged": true}, "logging": {}}});
        let (one, none) = (read(&one).unwrap(), Capabilities::default());
        let together = Capabilities::TOOLS.and(one).and(none);
        assert_eq!(
            to_value(together).unwrap(),
            json!({"tools": {"listChanged": true}, "logging": {}})
        );
        assert_eq!(to_value(none).unwrap(), json!({}));
    }
}
