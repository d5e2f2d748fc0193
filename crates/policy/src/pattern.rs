//! Patterns of tool names.
//!
//! *Invariant:* a pattern speaks of whole names: `add` is not `add_all`.

use std::fmt;

/// A pattern in which `*` is any text, `?` any character and `[ab]` one of some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(glob::Pattern);

/// Why text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no pattern of tool names: {reason}")]
pub struct PatternRefused {
    pattern: String,
    reason: &'static str,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternRefused> {
        let refuse = |reason| PatternRefused {
            pattern: text.to_owned(),
            reason,
        };
        if text.is_empty() {
            return Err(refuse("it is empty and could match nothing"));
        }
        let pattern = glob::Pattern::new(text).map_err(|error| refuse(error.msg))?;
        Ok(Self(pattern))
    }

    /// Whether it could speak of a name that starts with `prefix`.
    #[must_use]
    pub fn may_match_prefix(&self, prefix: &str) -> bool {
        let text = self.0.as_str();
        let plain = text
            .find(['*', '?', '['])
            .map_or(text, |at| text.get(..at).unwrap_or(text));
        let whole = plain.len() == text.len();
        plain.starts_with(prefix) || (!whole && prefix.starts_with(plain))
    }

    /// Whether it speaks of `name`.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_speaks_of_whole_names() {
        for (pattern, name, matches) in [
            ("add", "add", true),
            ("add", "add_all", false),
            ("add", "Add", false),
            ("*", "anything", true),
            ("math_*", "math_add", true),
            ("math_*", "math_", true),
            ("math_*", "math", false),
            ("*_delete*", "files_delete_all", true),
            ("get?", "gets", true),
            ("get?", "get", false),
            ("[ab]dd", "bdd", true),
        ] {
            assert_eq!(
                Pattern::parse(pattern).unwrap().matches(name),
                matches,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for text in ["", "a***", "[a"] {
            let refused = Pattern::parse(text).unwrap_err().to_string();
            assert!(
                refused.starts_with(&format!("`{text}` is no pattern")),
                "{refused}"
            );
        }
    }
}
