//! One rule, as an operator writes it.
//!
//! *Invariant:* a list that is written is not empty: a rule that silently spoke of nobody, or of
//! everybody, would be found out too late.

use serde::Deserialize;

use crate::{Caller, Pattern, PatternRefused};

/// A rule as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// People with one of these roles; left out, everybody.
    pub roles: Option<Vec<String>>,
    /// Patterns of tool names.
    pub tools: Vec<String>,
}

/// A rule that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    roles: Option<Vec<String>>,
    tools: Vec<Pattern>,
}

/// Why a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleRefused {
    /// A list without roles.
    #[error("`roles` is empty: name a role, or leave the key out to speak of everybody")]
    NoRoles,
    /// A list without tools.
    #[error("`tools` is empty: name a tool, or write \"*\" to speak of all")]
    NoTools,
    /// A pattern that is none.
    #[error(transparent)]
    Pattern(#[from] PatternRefused),
}

impl TryFrom<RuleText> for Rule {
    type Error = RuleRefused;

    fn try_from(text: RuleText) -> Result<Self, RuleRefused> {
        if text.roles.as_ref().is_some_and(Vec::is_empty) {
            return Err(RuleRefused::NoRoles);
        }
        if text.tools.is_empty() {
            return Err(RuleRefused::NoTools);
        }
        let tools = text.tools.iter().map(|text| Pattern::parse(text));
        Ok(Self {
            tools: tools.collect::<Result<_, _>>()?,
            roles: text.roles,
        })
    }
}

impl Rule {
    pub(crate) fn speaks_of(&self, caller: Caller<'_>, tool: &str) -> bool {
        let of_caller = self
            .roles
            .as_ref()
            .is_none_or(|roles| roles.iter().any(|role| caller.roles.contains(role)));
        of_caller && self.tools.iter().any(|pattern| pattern.matches(tool))
    }
}
