//! The methods this server answers, by era.
//!
//! *Invariant:* a method that one era has and the other has not is unknown in the other.

use crate::revision::Era;

/// A method that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `server/discover`: what `initialize` answered, without a session.
    Discover,
    /// `initialize`.
    Initialize,
    /// `ping`.
    Ping,
    /// `logging/setLevel`, which is said in every request of the modern era.
    SetLevel,
    /// `tools/call`.
    ToolsCall,
    /// `tools/list`.
    ToolsList,
}

impl Method {
    /// The method of this name in this era.
    #[must_use]
    pub fn parse(era: Era, name: &str) -> Option<Self> {
        // 2026-07-28 removed `initialize` and `ping` and added `server/discover`.
        match (era, name) {
            (Era::Modern, "server/discover") => Some(Self::Discover),
            (Era::Legacy, "initialize") => Some(Self::Initialize),
            (Era::Legacy, "ping") => Some(Self::Ping),
            (Era::Legacy, "logging/setLevel") => Some(Self::SetLevel),
            (Era::Legacy | Era::Modern, "tools/call") => Some(Self::ToolsCall),
            (Era::Legacy | Era::Modern, "tools/list") => Some(Self::ToolsList),
            (Era::Legacy | Era::Modern, _) => None,
        }
    }

    /// Whether it reaches tools, and so needs the scope for them.
    #[must_use]
    pub const fn is_about_tools(self) -> bool {
        match self {
            Self::ToolsCall | Self::ToolsList => true,
            Self::Discover | Self::Initialize | Self::Ping | Self::SetLevel => false,
        }
    }
}
