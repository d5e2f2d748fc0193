//! Commands on a file of keys, as an operator types them.
//!
//! *Invariant:* whatever a command says, here it is searched for every secret of the file.

mod file;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use clap::Parser as _;
use jiff::{SignedDuration, Timestamp};

use super::{EnvFile, KeySet};
use crate::args::{Cli, Command};

const DAY: i64 = 86_400;
const OTHERS: &str = "# mine\n\nHOME=/x # here\nSPIN_VARIABLE_GRANT_SECONDS=\"864000\"\n";

/// A file of keys, and a clock.
struct Scene {
    folder: tempfile::TempDir,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let file = EnvFile::parse(OTHERS.to_owned()).unwrap();
        Self::of(&file.with_keys("# keys", &KeySet::random().unwrap()))
    }

    fn of(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), text).unwrap();
        fs::write(folder.path().join("spin.toml"), "").unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Self { folder, now }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(".env")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn variables(&self) -> BTreeMap<String, String> {
        EnvFile::read(&self.path()).unwrap().unwrap().variables
    }

    /// The ids of the keys in a variable.
    fn kids(&self, variable: &str) -> Vec<String> {
        let kid = |entry: &str| entry.split_once(':').unwrap().0.to_owned();
        self.variables()[variable].split(',').map(kid).collect()
    }

    fn secrets(&self) -> BTreeSet<String> {
        let keys = KeySet::among(&self.variables());
        let entries = keys.iter().flat_map(|(_, list)| list.split(','));
        entries
            .map(|entry| entry.split_once(':').unwrap().1.to_owned())
            .collect()
    }

    /// Runs `postern keys …`; whatever it says holds no secret from before or after.
    fn run(&self, arguments: &str) -> Result<String, String> {
        let words = arguments.split_whitespace();
        let cli = Cli::try_parse_from(["postern", "keys"].into_iter().chain(words));
        let Ok(Some(Command::Keys(command))) = cli.map(|cli| cli.command) else {
            panic!("`postern keys {arguments}` is no command");
        };
        let mut secrets = self.secrets();
        let result = super::run(&command, self.folder.path(), self.now);
        let result = result.map_err(|error| format!("{error:#}"));
        secrets.extend(self.secrets());
        let said = result.as_ref().unwrap_or_else(|error| error);
        for secret in &secrets {
            assert!(!said.contains(secret.as_str()), "{arguments}: {said}");
        }
        result
    }

    fn ok(&self, arguments: &str) -> String {
        self.run(arguments)
            .unwrap_or_else(|error| panic!("{arguments}: {error}"))
    }

    /// Runs a command that must be refused, change nothing, and say each of `parts`.
    fn refused(&self, arguments: &str, parts: &[&str]) {
        let before = self.text();
        let refused = self.run(arguments).expect_err(arguments);
        for part in parts {
            assert!(refused.contains(part), "`{part}` is not in: {refused}");
        }
        assert_eq!(self.text(), before, "{arguments}");
    }

    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}
