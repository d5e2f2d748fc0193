//! Builds the components that a host serves, once per test process.
//!
//! *Invariant:* always the same command for the same packages, so that Cargo finds its work done.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::Options;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const PROBES: &[&str] = &[
    "probe-caller",
    "probe-empty",
    "probe-greedy",
    "probe-host",
    "probe-toolset",
    "probe-wasi02",
];

/// Builds WebAssembly packages of this workspace.
///
/// # Panics
/// When they do not compile: no test has anything to say then.
#[expect(clippy::panic, reason = "without components there is nothing to test")]
pub fn build(packages: &[&str]) {
    static BUILT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let key = packages.join(" ");
    if built.contains(&key) {
        return;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(WORKSPACE)
        .args(["build", "--release", "--target", "wasm32-wasip2"]);
    for package in packages {
        command.args(["--package", package]);
    }
    match command.output() {
        Ok(output) if output.status.success() => built.insert(key),
        Ok(output) => panic!("{key}:\n{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("cargo does not start: {error}"),
    };
}

/// The probes, built, with the one variable that they require.
#[must_use]
pub fn probes() -> Options {
    build(PROBES);
    Options::new(Path::new(WORKSPACE).join("tests/probes/spin.toml"))
        .variable("word", "open sesame")
}
