//! The methods this server answers, by era.
//!
//! *Invariant:* a method that one era has and the other has not is unknown in the other.

use crate::revision::Era;

/// A method that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `completion/complete`.
    Complete,
    /// `server/discover`: what `initialize` answered, without a session.
    Discover,
    /// `initialize`.
    Initialize,
    /// `subscriptions/listen`.
    Listen,
    /// `ping`.
    Ping,
    /// `prompts/get`.
    PromptsGet,
    /// `prompts/list`.
    PromptsList,
    /// `resources/list`.
    ResourcesList,
    /// `resources/read`.
    ResourcesRead,
    /// `logging/setLevel`, which is said in every request of the modern era.
    SetLevel,
    /// `resources/templates/list`.
    TemplatesList,
    /// `tools/call`.
    ToolsCall,
    /// `tools/list`.
    ToolsList,
}

impl Method {
    const ALL: [Self; 13] = [
        Self::Complete,
        Self::Discover,
        Self::Initialize,
        Self::Listen,
        Self::Ping,
        Self::PromptsGet,
        Self::PromptsList,
        Self::ResourcesList,
        Self::ResourcesRead,
        Self::SetLevel,
        Self::TemplatesList,
        Self::ToolsCall,
        Self::ToolsList,
    ];

    /// The method of this name in this era.
    #[must_use]
    pub fn parse(era: Era, name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|method| method.as_str() == name && method.is_of(era))
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "completion/complete",
            Self::Discover => "server/discover",
            Self::Initialize => "initialize",
            Self::Listen => "subscriptions/listen",
            Self::Ping => "ping",
            Self::PromptsGet => "prompts/get",
            Self::PromptsList => "prompts/list",
            Self::ResourcesList => "resources/list",
            Self::ResourcesRead => "resources/read",
            Self::SetLevel => "logging/setLevel",
            Self::TemplatesList => "resources/templates/list",
            Self::ToolsCall => "tools/call",
            Self::ToolsList => "tools/list",
        }
    }

    /// 2026-07-28 removed `initialize`, `ping` and `logging/setLevel`, and added two.
    const fn is_of(self, era: Era) -> bool {
        match self {
            Self::Discover | Self::Listen => matches!(era, Era::Modern),
            Self::Initialize | Self::Ping | Self::SetLevel => matches!(era, Era::Legacy),
            Self::Complete
            | Self::PromptsGet
            | Self::PromptsList
            | Self::ResourcesList
            | Self::ResourcesRead
            | Self::TemplatesList
            | Self::ToolsCall
            | Self::ToolsList => true,
        }
    }

    /// Whether it reaches what servers offer, and so needs the scope for that.
    #[must_use]
    pub const fn reaches_servers(self) -> bool {
        !matches!(
            self,
            Self::Discover | Self::Initialize | Self::Ping | Self::SetLevel
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_name_in_its_eras_alone() {
        for method in Method::ALL {
            for era in [Era::Legacy, Era::Modern] {
                let expected = method.is_of(era).then_some(method);
                assert_eq!(Method::parse(era, method.as_str()), expected, "{method:?}");
            }
        }
        assert_eq!(Method::parse(Era::Modern, "Tools/List"), None);
    }
}
