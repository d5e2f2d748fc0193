//! Real clients from npm, each against a host of the product.
//!
//! *Invariant:* a client is what its package is; only the person at the browser is scripted.

use std::{fs, path::Path, process::Command, sync::OnceLock};

use harness::{host::Host, product};

use crate::POSTERN;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients");

#[test]
fn a_scripted_client_signs_in_calls_add_and_refreshes_forty_times() {
    let host = Host::start(POSTERN, &product::options()).unwrap();
    let printed = succeeds(node().args(["journey.mjs", &host.url("/mcp")]));
    for line in [
        "add 23 + 19     42",
        "refreshed       40 successes, 1 successor",
        "successor       works",
    ] {
        assert!(printed.contains(line), "{line} is not in:\n{printed}");
    }
}

/// Node.js in the folder of the clients, with their packages installed.
pub(crate) fn node() -> Command {
    install();
    let mut node = Command::new("node");
    node.current_dir(FOLDER);
    node
}

/// What a program printed that must succeed.
#[expect(clippy::panic, reason = "what the program found is the failure")]
pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
    let text = [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .join("\n");
    if !output.status.success() {
        panic!("{text}");
    }
    text
}

/// Installs what package-lock.json names, once per test process.
fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // npm writes this file last, and it is older than a lock that has changed since.
        let modified = |name: &str| {
            fs::metadata(Path::new(FOLDER).join(name)).and_then(|file| file.modified())
        };
        let lock = modified("package-lock.json").unwrap();
        if modified("node_modules/.package-lock.json").is_ok_and(|installed| installed >= lock) {
            return;
        }
        succeeds(
            Command::new("npm")
                .current_dir(FOLDER)
                .args(["ci", "--no-audit", "--no-fund"]),
        );
    });
}
