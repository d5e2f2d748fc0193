//! Who may call which tool.
//!
//! *Invariant:* there is one decision; a list that is filtered and a call that is judged ask the
//! same function, so a tool is listed exactly where a call to it may be allowed.

mod pattern;
mod rule;

pub use pattern::{Pattern, PatternRefused};
pub use rule::{Rule, RuleRefused, RuleText};

/// The rules an operator wrote.
///
/// Without an allow rule every signed-in person may call every tool; with one, only what a rule
/// allows. A forbid rule wins over every allow rule.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    allow: Vec<Rule>,
    forbid: Vec<Rule>,
}

/// Who asks, as far as rules speak of people.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The roles that the person's source gives them.
    pub roles: &'a [String],
}

/// Whether a call may be made, and which kind of rule says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// A forbid rule is against it.
    Forbidden,
    /// There are allow rules, and none is for it.
    NotAllowed,
}

impl Policy {
    /// A policy of these rules.
    #[must_use]
    pub const fn new(allow: Vec<Rule>, forbid: Vec<Rule>) -> Self {
        Self { allow, forbid }
    }

    /// Whether `caller` may call `tool`, by its public name.
    #[must_use]
    pub fn decide(&self, caller: Caller<'_>, tool: &str) -> Decision {
        let speaks = |rule: &Rule| rule.speaks_of(caller, tool);
        if self.forbid.iter().any(speaks) {
            Decision::Forbidden
        } else if self.allow.is_empty() || self.allow.iter().any(speaks) {
            Decision::Allowed
        } else {
            Decision::NotAllowed
        }
    }

    /// Whether a list shows `tool` to `caller`.
    #[must_use]
    pub fn lists(&self, caller: Caller<'_>, tool: &str) -> bool {
        self.decide(caller, tool) == Decision::Allowed
    }
}

#[cfg(test)]
mod tests;
