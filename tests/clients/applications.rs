//! Applications that people use, each through the life of a host: it restarts, hands out tokens that
//! end soon, and loses its database.
//!
//! *Invariant:* what a client asks for is what its file in `traces` says; a difference is a failure.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Seek as _, Write as _},
    process::Stdio,
};

use harness::{host::Host, product};
use tempfile::TempDir;

use super::{node, python::python, succeeds};
use crate::POSTERN;

/// What each of them comes through, with the sum that the tool answers then.
const THROUGH: [&str; 4] = [
    "add 23 + 19     42",
    "restarted host  42",
    "expired token   42",
    "wiped database  42",
];

#[test]
fn mcp_remote_lives_on_streamable_http() {
    lives("mcp-remote.mjs", &["0.15"], &["/mcp"]);
}

#[test]
fn an_older_mcp_remote_lives_on_streamable_http() {
    lives("mcp-remote.mjs", &["0.1"], &["/mcp"]);
}

#[test]
fn mcp_remote_lives_with_the_configuration_of_older_servers() {
    lives("mcp-remote.mjs", &["0.15"], &["/sse"]);
}

#[test]
fn an_older_mcp_remote_lives_with_the_configuration_of_older_servers() {
    lives("mcp-remote.mjs", &["0.1"], &["/sse"]);
}

#[test]
fn mcp_remote_lives_on_the_older_transport() {
    let only = ["/sse", "--transport", "sse-only"];
    lives("mcp-remote.mjs", &["0.15"], &only);
}

#[test]
fn an_older_mcp_remote_lives_on_the_older_transport() {
    let only = ["/sse", "--transport", "sse-only"];
    lives("mcp-remote.mjs", &["0.1"], &only);
}

#[test]
fn mcp_remote_shows_an_api_key_in_a_header() {
    let key = "a-key-of-these-tests";
    let options = product::options().variable("api_keys", format!("desk={key}"));
    let host = Host::start(POSTERN, &options).unwrap();
    for release in ["0.1", "0.15"] {
        let printed = succeeds(node().args(["api-key.mjs", release, &host.url(""), key]));
        for path in ["/mcp", "/sse"] {
            let line = format!("add 23 + 19     42, at {path}");
            assert!(printed.contains(&line), "{line} is not in:\n{printed}");
        }
    }
}

#[test]
fn the_inspector_lives_in_the_legacy_era() {
    lives("inspector.mjs", &[], &["/mcp"]);
}

#[test]
fn the_inspector_lives_in_the_modern_era() {
    lives("inspector.mjs", &[], &["/mcp", "--protocol-era", "modern"]);
}

#[test]
fn the_inspector_lives_on_the_older_transport() {
    lives("inspector.mjs", &[], &["/sse"]);
}

#[test]
fn mcp_remote_finds_the_modern_era_by_itself() {
    lives("mcp-remote.mjs", &["0.15"], &["/mcp", "--protocol", "auto"]);
}

#[test]
fn the_first_typescript_sdk_lives_on_streamable_http() {
    an_sdk_lives("typescript-v1", &["/mcp"], "2025-11-25");
}

#[test]
fn the_second_typescript_sdk_lives_in_the_legacy_era() {
    an_sdk_lives("typescript-v2", &["/mcp"], "2025-11-25");
}

#[test]
fn the_second_typescript_sdk_finds_the_modern_era_by_itself() {
    an_sdk_lives("typescript-v2", &["/mcp", "auto"], "2026-07-28");
}

#[test]
fn the_first_python_sdk_lives_on_streamable_http() {
    an_sdk_lives("python-v1", &["/mcp"], "2025-11-25");
}

#[test]
fn the_second_python_sdk_lives_in_the_legacy_era() {
    an_sdk_lives("python-v2", &["/mcp"], "2025-11-25");
}

#[test]
fn the_second_python_sdk_finds_the_modern_era_by_itself() {
    an_sdk_lives("python-v2", &["/mcp", "auto"], "2026-07-28");
}

/// An application that is written with it comes through more, and speaks that revision.
fn an_sdk_lives(release: &str, at: &[&str], revision: &str) {
    let printed = lives("sdk.mjs", &[release], at);
    for line in [
        format!("revision        {revision}"),
        "stepped up      42".to_owned(),
        "at the same time 42 42".to_owned(),
    ] {
        assert!(printed.contains(&line), "{line} is not in:\n{printed}");
    }
}

/// Runs a client's script on a host, which becomes what the script wishes, and tells what it printed.
#[expect(
    clippy::panic,
    reason = "a wish that nobody grants is a mistake in the script"
)]
fn lives(script: &str, release: &[&str], at: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let mut options = product::options().state_dir(&state);
    let mut host = Host::start(POSTERN, &options).unwrap();
    let mut complaints = tempfile::tempfile().unwrap();
    let mut client = node();
    if let Some(release) = release.iter().find_map(|name| name.strip_prefix("python-")) {
        client.env("PYTHON", python(release));
    }
    let mut client = client
        .arg(script)
        .args(release)
        .arg(host.url(""))
        .args(at)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(complaints.try_clone().unwrap())
        .spawn()
        .unwrap();
    let mut answers = client.stdin.take().unwrap();
    let mut printed = String::new();
    for line in BufReader::new(client.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(wish) = line.strip_prefix("host: ") {
            host.stop().unwrap();
            match wish {
                "restart" => {}
                "hasty" => options = options.variable("access_token_seconds", "6"),
                // Its keys are variables, and stay.
                "wipe" => fs::remove_dir_all(&state).unwrap(),
                other => panic!("{script} wishes for {other}"),
            }
            host = Host::start(POSTERN, &options).unwrap();
            writeln!(answers, "{}", host.url("")).unwrap();
        }
        printed.push_str(&line);
        printed.push('\n');
    }
    let ended = client.wait().unwrap();
    complaints.rewind().unwrap();
    complaints.read_to_string(&mut printed).unwrap();
    assert!(ended.success(), "{printed}");
    for line in THROUGH {
        assert!(printed.contains(line), "{line} is not in:\n{printed}");
    }
    printed
}
