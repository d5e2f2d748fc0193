//! The files of the project.
//!
//! *Invariant:* nothing built, installed or private is among them.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use super::root;

/// Folders that hold what tools made.
const MADE: [&str; 3] = ["node_modules", "target", "corpus"];

/// A Rust source file.
pub(super) struct Source {
    /// Its path from the root.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
}

impl Source {
    /// Its lines without comments, by number.
    pub(super) fn code(&self) -> Vec<(usize, &str)> {
        let lines = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        lines
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .collect()
    }
}

static FILES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(root(), "", &mut files);
    files.sort();
    files
});

static RUST: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let paths = FILES.iter().filter(|path| path.ends_with(".rs"));
    paths
        .map(|path| Source {
            path: path.clone(),
            text: super::read(path),
        })
        .collect()
});

/// Every file, by its path from the root.
pub(super) fn files() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(String::as_str)
}

/// Every Rust source.
pub(super) fn rust() -> impl Iterator<Item = &'static Source> {
    RUST.iter()
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    let entries = fs::read_dir(folder).expect("a folder of the project can be read");
    for entry in entries {
        let entry = entry.expect("a folder of the project can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() {
            let ours = !name.starts_with('.') && !MADE.contains(&name.as_str());
            if ours {
                collect(&entry.path(), &path, files);
            }
        } else {
            files.push(path);
        }
    }
}
