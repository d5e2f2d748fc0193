//! The methods of a server behind the gateway.
//!
//! *Invariant:* one that is not offered is as unknown as one that does not exist (2026-07-28,
//! Streamable HTTP: 404 and -32601).

use mcp::Refused;

use crate::offered::Offered;

/// A method that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Complete,
    Discover,
    Listen,
    PromptsGet,
    PromptsList,
    ResourcesList,
    ResourcesRead,
    TasksCancel,
    TasksGet,
    TasksUpdate,
    TemplatesList,
    ToolsCall,
    ToolsList,
}

impl Method {
    pub(crate) fn parse(name: &str, offered: Offered) -> Result<Self, Refused> {
        let method = match name {
            "completion/complete" => Self::Complete,
            "prompts/get" => Self::PromptsGet,
            "prompts/list" => Self::PromptsList,
            "resources/list" => Self::ResourcesList,
            "resources/read" => Self::ResourcesRead,
            "resources/templates/list" => Self::TemplatesList,
            "server/discover" => Self::Discover,
            "subscriptions/listen" => Self::Listen,
            "tasks/cancel" => Self::TasksCancel,
            "tasks/get" => Self::TasksGet,
            "tasks/update" => Self::TasksUpdate,
            "tools/call" => Self::ToolsCall,
            "tools/list" => Self::ToolsList,
            _ => return Err(Refused::MethodUnknown(name.to_owned())),
        };
        if offered.has(method) {
            Ok(method)
        } else {
            Err(Refused::MethodUnknown(name.to_owned()))
        }
    }

    /// Whether it is about a task (SEP-2663).
    pub(crate) const fn is_of_a_task(self) -> bool {
        matches!(self, Self::TasksCancel | Self::TasksGet | Self::TasksUpdate)
    }

    /// Whether it may be answered with questions (2026-07-28, Multi Round-Trip Requests).
    pub(crate) const fn may_ask(self) -> bool {
        matches!(
            self,
            Self::PromptsGet | Self::ResourcesRead | Self::ToolsCall
        )
    }
}
