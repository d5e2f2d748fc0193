//! Real clients from npm and PyPI, each against a host of the product.
//!
//! *Invariant:* a client is what its package is; only the person at the browser is scripted.

mod applications;
mod python;
mod servers;

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{LazyLock, OnceLock},
};

use harness::{host::Host, product};

use crate::POSTERN;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients");

/// One host for all of them: a client cannot tell whether it is alone.
static HOST: LazyLock<Host> = LazyLock::new(|| Host::start(POSTERN, &product::options()).unwrap());

#[test]
fn a_scripted_client_signs_in_calls_add_and_refreshes_forty_times() {
    let printed = succeeds(node().args(["journey.mjs", &HOST.url("/mcp")]));
    for line in [
        "add 23 + 19     42",
        "refreshed       40 successes, 1 successor",
        "successor       works",
    ] {
        assert!(printed.contains(line), "{line} is not in:\n{printed}");
    }
}

#[test]
fn a_client_of_the_older_transport_signs_in_calls_add_and_refreshes() {
    let printed = succeeds(node().args(["sse.mjs", &HOST.url("/sse")]));
    for line in [
        "signed in       for /sse",
        "add 23 + 19     42",
        "refreshed       42",
        "another stream  42",
    ] {
        assert!(printed.contains(line), "{line} is not in:\n{printed}");
    }
}

#[test]
fn the_conformance_suite_for_authorization_servers_passes() {
    let resource = HOST.url("/mcp");
    for more in [&[][..], &["--resource", &resource]] {
        let printed = succeeds(node().args(["conformance.mjs", &HOST.url("")]).args(more));
        let mut checks: Vec<_> = printed
            .lines()
            .filter_map(|line| line.strip_prefix("check "))
            .collect();
        checks.sort_unstable();
        assert_eq!(
            checks,
            [
                "authorization-code-grant: SUCCESS",
                "authorization-server-metadata-cimd: SUCCESS",
                "authorization-server-metadata: SUCCESS",
            ],
            "{printed}"
        );
    }
}

#[test]
fn openid_client_and_oauth4webapi_are_every_kind_of_client() {
    runs("libraries.test.mjs");
}

#[test]
fn a_resource_server_elsewhere_verifies_access_tokens_with_the_published_keys() {
    runs("resource-server.test.mjs");
}

/// Runs a file of tests against the host.
fn runs(tests: &str) {
    let mut node = node();
    node.args(["--test", "--test-reporter=spec", tests])
        .env("ISSUER", HOST.url(""));
    succeeds(&mut node);
}

/// Node.js in the folder of the clients, with their packages installed: the release that is among
/// them, because some need a newer one than a distribution has; where there is none, the machine's.
pub(crate) fn node() -> Command {
    install();
    let pinned = Path::new(FOLDER).join("node_modules/.bin/node");
    let mut node = Command::new(if pinned.exists() {
        pinned.as_path()
    } else {
        Path::new("node")
    });
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
