//! Whether a built file is as new as its sources, told from file times in a few milliseconds.
//!
//! *Invariant:* in doubt it says no: then cargo looks properly, which takes a third of a second.
//!
//! After a successful build a stamp beside each file records when that build *started*, so that
//! a source saved while the compiler was reading is newer than the stamp. The stamp also says
//! which file it speaks of and for which project it was built, so that a build by other hands, or
//! by another checkout that shares the target folder, makes it void.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

/// Files that change a build from any folder at or above a source.
const SETTINGS: [&str; 5] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "build.rs",
];

/// Whether nothing that went into `wasm` has changed since it was built.
pub(super) fn is_fresh(wasm: &Path, root: &Path) -> bool {
    let stamp = stamp_path(wasm);
    let unchanged = || -> Option<bool> {
        let built = fs::metadata(&stamp).ok()?.modified().ok()?;
        let named = fs::read_to_string(&stamp).ok()?;
        let same_file = named == description(&fs::metadata(wasm).ok()?, root)?;
        Some(same_file && inputs_are_older(wasm, built)?)
    };
    unchanged().unwrap_or(false)
}

fn inputs_are_older(wasm: &Path, built: SystemTime) -> Option<bool> {
    // Cargo lists every source of the workspace in `x.d`; packages of a registry never change.
    let inputs = inputs(&fs::read_to_string(wasm.with_extension("d")).ok()?);
    let older = |path: &Path| fs::metadata(path).is_ok_and(|file| is_before(&file, built));
    let sources = !inputs.is_empty() && inputs.iter().all(|path| older(path));
    Some(sources && settings(&inputs).iter().all(|path| older(path)))
}

fn is_before(file: &Metadata, built: SystemTime) -> bool {
    // An equal time may be a change right after the build began.
    file.modified().is_ok_and(|modified| modified < built)
}

/// The files right of the colon; cargo writes a backslash before a space in a name.
fn inputs(dep_info: &str) -> Vec<PathBuf> {
    let Some((_, list)) = dep_info
        .lines()
        .next()
        .and_then(|line| line.split_once(": "))
    else {
        return Vec::new();
    };
    let mut paths: Vec<String> = Vec::new();
    let mut continues = false;
    for word in list.split(' ').filter(|word| !word.is_empty()) {
        let (text, escaped) = word
            .strip_suffix('\\')
            .map_or((word, false), |text| (text, true));
        match paths.last_mut() {
            Some(path) if continues => *path = format!("{path} {text}"),
            _ => paths.push(text.to_owned()),
        }
        continues = escaped;
    }
    paths.into_iter().map(PathBuf::from).collect()
}

/// The settings that exist beside or above these sources.
fn settings(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let folders: BTreeSet<&Path> = inputs
        .iter()
        .flat_map(|input| input.ancestors().skip(1))
        .collect();
    let all = folders
        .into_iter()
        .flat_map(|folder| SETTINGS.map(|name| folder.join(name)));
    all.filter(|path| path.is_file()).collect()
}

/// The time by the clock of the file system that holds the build.
pub(super) fn now(folder: &Path) -> Result<SystemTime> {
    let read = || tempfile::tempfile_in(folder)?.metadata()?.modified();
    read().with_context(|| format!("cannot write to {}", folder.display()))
}

/// Records that `wasm` is what a build of the project in `root` made that began at `started`.
pub(super) fn stamp(wasm: &Path, root: &Path, started: SystemTime) -> Result<()> {
    let path = stamp_path(wasm);
    let built = fs::metadata(wasm).with_context(|| {
        format!(
            "the build succeeded but made no {}: the package must be a library with crate-type \
             cdylib whose name fits the file",
            wasm.display()
        )
    })?;
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&path)?;
        file.write_all(description(&built, root).unwrap_or_default().as_bytes())?;
        file.set_modified(started)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn stamp_path(wasm: &Path) -> PathBuf {
    wasm.with_extension("built")
}

/// Length, time and project: what tells one build of a file from another.
fn description(wasm: &Metadata, root: &Path) -> Option<String> {
    let modified = wasm.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!(
        "{} {} {}\n",
        wasm.len(),
        modified.as_nanos(),
        root.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A package with one source in a folder with a space, built and stamped.
    struct Built {
        folder: tempfile::TempDir,
        wasm: PathBuf,
        started: SystemTime,
    }

    impl Built {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            fs::create_dir(root.join("my src")).unwrap();
            for file in ["Cargo.toml", "my src/lib.rs", "my src/page.html"] {
                fs::write(root.join(file), "").unwrap();
            }
            let wasm = root.join("x.wasm");
            fs::write(&wasm, "wasm").unwrap();
            let source = format!("{}/my\\ src", root.display());
            let deps = format!("{}: {source}/lib.rs {source}/page.html\n", wasm.display());
            fs::write(root.join("x.d"), deps).unwrap();
            let started = now(root).unwrap() + Duration::from_secs(1);
            stamp(&wasm, root, started).unwrap();
            Self {
                folder,
                wasm,
                started,
            }
        }

        fn is_fresh(&self) -> bool {
            is_fresh(&self.wasm, self.folder.path())
        }

        fn touch(&self, file: &str, at: SystemTime) {
            let file = File::options()
                .append(true)
                .open(self.folder.path().join(file))
                .unwrap();
            file.set_modified(at).unwrap();
        }
    }

    #[test]
    fn a_build_is_fresh_until_a_source_or_setting_is_newer() {
        assert!(Built::new().is_fresh());
        for file in ["my src/lib.rs", "my src/page.html", "Cargo.toml"] {
            let built = Built::new();
            built.touch(file, built.started - Duration::from_millis(1));
            assert!(built.is_fresh(), "{file} was saved before the build");
            built.touch(file, built.started);
            assert!(!built.is_fresh(), "{file} was saved as the build began");
        }
    }

    #[test]
    fn a_build_with_something_missing_is_not_fresh() {
        for file in ["my src/page.html", "x.d", "x.wasm", "x.built"] {
            let built = Built::new();
            fs::remove_file(built.folder.path().join(file)).unwrap();
            assert!(!built.is_fresh(), "{file}");
        }
    }

    #[test]
    fn a_file_that_someone_else_built_is_not_fresh() {
        let built = Built::new();
        fs::write(&built.wasm, "other wasm").unwrap();
        assert!(!built.is_fresh());
    }

    #[test]
    fn a_file_that_another_checkout_built_is_not_fresh() {
        let built = Built::new();
        assert!(!is_fresh(&built.wasm, &built.folder.path().join("other")));
    }

    #[test]
    fn a_new_setting_above_the_sources_counts() {
        let built = Built::new();
        fs::write(built.folder.path().join("rust-toolchain.toml"), "").unwrap();
        built.touch(
            "rust-toolchain.toml",
            built.started + Duration::from_secs(1),
        );
        assert!(!built.is_fresh());
    }

    #[test]
    fn a_list_of_inputs_that_says_nothing_is_not_trusted() {
        let built = Built::new();
        for text in ["", "x.wasm:\n", "x.wasm: \n"] {
            fs::write(built.wasm.with_extension("d"), text).unwrap();
            assert!(!built.is_fresh(), "{text:?}");
        }
    }

    #[test]
    fn a_build_that_made_nothing_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let refused = stamp(&folder.path().join("x.wasm"), folder.path(), UNIX_EPOCH)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("x.wasm") && refused.contains("cdylib"),
            "{refused}"
        );
    }
}
