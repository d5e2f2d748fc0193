//! What a server offers, and how `server/discover` says so.
//!
//! *Invariant:* what is advertised and what is answered come from the same value.

use std::collections::BTreeMap;

use mcp::TASKS;
use serde::Serialize;

use crate::method::Method;

/// Whether a list is the same for as long as a deployment lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// It may change, and who listens is told.
    Changing,
    /// It is the same.
    Fixed,
}

/// What a server offers. Nothing, unless it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// Tools.
    pub tools: Option<List>,
    /// Prompts.
    pub prompts: Option<List>,
    /// Resources, and templates of them.
    pub resources: Option<List>,
    /// Whether who listens is told of changes to single resources.
    pub watched: bool,
    /// Completion of arguments.
    pub completion: bool,
    /// Log lines, for who wants them.
    pub logging: bool,
    /// That calls go on as tasks; the server says where those [are kept](crate::Server::keeps).
    pub tasks: bool,
}

/// Numbers that differ once something has changed; which way they go does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of the list of tools.
    pub tools: u64,
    /// Of the list of prompts.
    pub prompts: u64,
    /// Of the lists of resources and templates.
    pub resources: u64,
    /// Of single resources, by URI.
    pub watched: BTreeMap<String, u64>,
}

/// As `server/discover` has it.
#[derive(Debug, Serialize)]
pub(crate) struct Capabilities {
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<Flags>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<&'static str, Flags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logging: Option<Flags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompts: Option<Flags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Flags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Flags>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Flags {
    #[serde(skip_serializing_if = "is_false")]
    list_changed: bool,
    #[serde(skip_serializing_if = "is_false")]
    subscribe: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Offered {
    pub(crate) fn capabilities(self) -> Capabilities {
        let list = |list: List| Flags {
            list_changed: list == List::Changing,
            subscribe: false,
        };
        Capabilities {
            completions: self.completion.then(Flags::default),
            extensions: self
                .tasks
                .then(|| (TASKS, Flags::default()))
                .into_iter()
                .collect(),
            logging: self.logging.then(Flags::default),
            prompts: self.prompts.map(list),
            resources: self.resources.map(|resources| Flags {
                subscribe: self.watched,
                ..list(resources)
            }),
            tools: self.tools.map(list),
        }
    }

    pub(crate) const fn has(self, method: Method) -> bool {
        match method {
            Method::Complete => self.completion,
            Method::Discover => true,
            Method::Listen => self.changes(),
            Method::PromptsGet | Method::PromptsList => self.prompts.is_some(),
            Method::ResourcesList | Method::ResourcesRead | Method::TemplatesList => {
                self.resources.is_some()
            }
            Method::TasksCancel | Method::TasksGet | Method::TasksUpdate => self.tasks,
            Method::ToolsCall | Method::ToolsList => self.tools.is_some(),
        }
    }

    const fn changes(self) -> bool {
        self.tasks
            || (self.resources.is_some() && self.watched)
            || matches!(self.tools, Some(List::Changing))
            || matches!(self.prompts, Some(List::Changing))
            || matches!(self.resources, Some(List::Changing))
    }
}
