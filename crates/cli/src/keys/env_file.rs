//! `.env` files: `SPIN_VARIABLE_NAME=value`, read and written as Spin reads them.
//!
//! *Invariant:* a file that cannot be read as a whole counts as broken, never as empty, and the
//! refusal holds none of its text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::KeySet;
use crate::state::read_if_present;

const PREFIX: &str = "SPIN_VARIABLE_";

/// The name in a `.env` file of a Spin variable.
pub(crate) fn env_name(variable: &str) -> String {
    format!("{PREFIX}{}", variable.to_ascii_uppercase())
}

/// What a line gives to a Spin variable, as it is written there; `None` if it sets another or none.
pub(super) fn value_in<'a>(line: &'a str, variable: &str) -> Option<&'a str> {
    let (name, value) = assignment(line)?;
    (name == env_name(variable)).then_some(value)
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value))
}

/// The text of a `.env` file and the Spin variables it sets, by their own names.
#[derive(Default)]
pub(crate) struct EnvFile {
    pub(super) text: String,
    /// By their own names, in lower case.
    pub(crate) variables: BTreeMap<String, String>,
}

impl EnvFile {
    /// Reads `path`; `None` where there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        let Some(text) = read_if_present(path)? else {
            return Ok(None);
        };
        // dotenvy quotes the offending line, and that line may hold a key: its error stays here.
        let broken = || {
            format!(
                "{} has a line that is not NAME=value: mend it",
                path.display()
            )
        };
        Self::parse(text).with_context(broken).map(Some)
    }

    /// Reads the text of a file; `None` where a line of it cannot be read.
    pub(crate) fn parse(text: String) -> Option<Self> {
        let mut variables = BTreeMap::new();
        for entry in dotenvy::from_read_iter(text.as_bytes()) {
            let (name, value) = entry.ok()?;
            if let Some(variable) = name.strip_prefix(PREFIX) {
                variables.insert(variable.to_ascii_lowercase(), value);
            }
        }
        Some(Self { text, variables })
    }

    /// Whether the file gives this variable a value.
    pub(crate) fn sets(&self, variable: &str) -> bool {
        self.variables
            .get(variable)
            .is_some_and(|value| !value.is_empty())
    }

    /// The file's text with these keys in place of any it had; every other line stays.
    pub(crate) fn with_keys(&self, comment: &str, keys: &KeySet) -> String {
        let made = keys
            .iter()
            .map(|(variable, key)| (env_name(variable), key.to_owned()));
        let made: Vec<_> = made.collect();
        self.without(made.iter().map(|(name, _)| name.as_str()))
            .with(comment, &made)
            .text
    }

    /// The file without the lines that set these names.
    pub(crate) fn without<'a>(&self, names: impl Iterator<Item = &'a str>) -> Self {
        let names: BTreeSet<&str> = names.collect();
        let is_kept = |line: &&str| !assignment(line).is_some_and(|(name, _)| names.contains(name));
        let mut variables = self.variables.clone();
        variables.retain(|variable, _| !names.contains(env_name(variable).as_str()));
        Self {
            text: self
                .text
                .lines()
                .filter(is_kept)
                .map(|line| format!("{line}\n"))
                .collect(),
            variables,
        }
    }

    /// The file with a comment and these lines at its end; values stand there as they are given.
    pub(crate) fn with(&self, comment: &str, lines: &[(String, String)]) -> Self {
        let kept = self.text.lines().filter(|line| *line != comment);
        let mut text: String = kept.map(|line| format!("{line}\n")).collect();
        if !lines.is_empty() {
            text = text + comment + "\n";
        }
        for (name, value) in lines {
            text = text + name + "=" + value + "\n";
        }
        Self {
            text,
            variables: self.variables.clone(),
        }
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<EnvFile>> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), text).unwrap();
        EnvFile::read(&folder.path().join(".env"))
    }

    #[test]
    fn only_spin_variables_with_a_value_are_set() {
        let file = read("HOME=/x\nSPIN_VARIABLE_A='b c' # d\nSPIN_VARIABLE_E=\n")
            .unwrap()
            .unwrap();
        assert!(file.sets("a") && !file.sets("e") && !file.sets("home"));
        assert_eq!(file.variables["a"], "b c");
    }

    #[test]
    fn a_broken_line_is_refused_without_being_quoted() {
        let refused = read("SPIN_VARIABLE_A=1\nsecret words\n").err().unwrap();
        let refused = format!("{refused:#}");
        assert!(
            refused.contains(".env") && !refused.contains("secret"),
            "{refused}"
        );
    }

    #[test]
    fn keys_are_replaced_and_other_lines_stay() {
        let keys = KeySet::random().unwrap();
        let old = "# mine\nACCESS=1\nexport SPIN_VARIABLE_CODE_KEY=old\nSPIN_VARIABLE_X=2\n";
        let text = read(old).unwrap().unwrap().with_keys("# made", &keys);
        assert!(
            text.starts_with("# mine\nACCESS=1\nSPIN_VARIABLE_X=2\n# made\n"),
            "{text}"
        );
        let again = read(&text).unwrap().unwrap();
        assert_eq!(KeySet::among(&again.variables), keys);
        assert_eq!(
            again.with_keys("# made", &keys),
            text,
            "writing twice changes nothing"
        );
    }
}
