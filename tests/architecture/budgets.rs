//! How large things grow. The lengths of functions and of parameter lists are clippy's.
//!
//! *Invariant:* a budget is a number here and nowhere else.

use std::collections::BTreeSet;

use super::sources::{Source, rust};
use super::workspace::members;
use super::{hold, root};

const FILE: usize = 500;
const MEDIAN: usize = 130;
const ENTRY_POINT: usize = 60;

/// Everything that may lie at the root; a new entry is a decision.
const ROOT: [&str; 32] = [
    ".cargo",
    ".ci",
    ".git",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "bench",
    "clippy.toml",
    "components",
    "crates",
    "deny.toml",
    "deploy",
    "docs",
    "fuzz",
    "postern.toml",
    "runtime-config.toml",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "spin.toml",
    "tests",
    "wit",
    // What git ignores: built, private, or the state of a server on this machine.
    ".env",
    ".postern",
    ".spin",
    "target",
];

fn lines(source: &Source) -> usize {
    source.text.lines().count()
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    let long = rust().filter(|source| lines(source) > FILE);
    hold(
        long.map(|source| format!("{}: {} lines, {FILE} at most", source.path, lines(source))),
        "Split it where a reader would look for the part:",
    );
}

#[test]
fn most_files_fit_on_a_few_screens() {
    let mut lengths: Vec<usize> = rust().map(lines).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(
        median <= MEDIAN,
        "The median file has {median} lines, {MEDIAN} at most: split some"
    );
}

#[test]
fn an_entry_point_of_a_component_is_a_screen_of_code() {
    let sources = rust().filter(|source| source.path.starts_with("components/"));
    let entry_points = sources.filter(|source| {
        let marks = ["http_service", "export!("];
        marks.iter().any(|mark| source.text.contains(mark)) || source.path.ends_with("/src/lib.rs")
    });
    let long = entry_points.filter(|source| lines(source) > ENTRY_POINT);
    hold(
        long.map(|source| {
            format!(
                "{}: {} lines, {ENTRY_POINT} at most",
                source.path,
                lines(source)
            )
        }),
        "Move what it does into its flow:",
    );
}

#[test]
fn the_root_is_a_table_of_contents() {
    let entries = std::fs::read_dir(root()).expect("the root can be read");
    let names = entries.map(|entry| {
        let name = entry.expect("the root can be read").file_name();
        name.to_string_lossy().into_owned()
    });
    let strangers = names.filter(|name| !ROOT.contains(&name.as_str()));
    hold(
        strangers,
        "Find it a folder, or add it to the list in tests/architecture/budgets.rs:",
    );
}

#[test]
fn every_crate_says_what_it_is_and_what_it_never_does() {
    let members = members();
    let targets = members.iter().flat_map(|member| {
        let targets = member.package.targets.iter();
        let built = targets.filter(|target| !target.is_custom_build() && !target.is_test());
        built.filter_map(|target| {
            let path = target.src_path.file_name()?;
            Some(format!("{}/src/{path}", member.path()))
        })
    });
    let entrances: BTreeSet<String> = targets.collect();
    let silent = rust().filter(|source| {
        let says = source.text.starts_with("//! ") && source.text.contains("*Invariant:*");
        entrances.contains(&source.path) && !says
    });
    hold(
        silent.map(|source| source.path.clone()),
        "Begin with `//! What it is.` and `//! *Invariant:* what it never does.`:",
    );
}

#[test]
fn every_module_begins_with_what_it_is() {
    let silent = rust().filter(|source| {
        // A test module's sentences are the names of its tests.
        !source.path.ends_with("/tests.rs") && !source.text.starts_with("//! ")
    });
    hold(
        silent.map(|source| source.path.clone()),
        "Begin with `//! What it is.`:",
    );
}
