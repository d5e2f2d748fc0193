//! The official conformance suite for servers, through the gateway to a server that has everything.
//!
//! *Invariant:* what does not pass is written down in `conformance/<revision>.yml` and nowhere else.

use std::sync::LazyLock;

use harness::host::Host;
use harness::{HttpWeb, World, product};
use tempfile::TempDir;

use super::{node, succeeds};
use crate::POSTERN;

const FIXTURES: &str = "[[server]]\nname = \"fixtures\"\ncomponent = \"fixtures\"\n";

/// The revisions, and how many scenarios each requires of servers.
const REQUIRED: [(&str, usize); 2] = [("2026-07-28", 37), ("2025-11-25", 30)];

fn start(configuration: &str) -> (Host, TempDir) {
    let folder = TempDir::new().unwrap();
    let options = product::options_with_fixtures(folder.path(), configuration);
    (Host::start(POSTERN, &options).unwrap(), folder)
}

static OPEN: LazyLock<(Host, TempDir)> =
    LazyLock::new(|| start(&format!("authentication = \"none\"\n{FIXTURES}")));

static GUARDED: LazyLock<(Host, TempDir)> = LazyLock::new(|| start(FIXTURES));

fn passes(host: &Host, token: Option<&str>) {
    for (revision, scenarios) in REQUIRED {
        let mut node = node();
        let address = format!("http://localhost:{}/mcp", host.address().port());
        node.args(["conformance/server.mjs", &address, revision]);
        node.envs(token.map(|token| ("TOKEN", token)));
        let printed = succeeds(&mut node);
        let count = format!("required: {scenarios}, passed: ");
        assert!(printed.contains(&count), "{revision}:\n{printed}");
    }
}

#[test]
fn the_conformance_suite_for_servers_passes_where_nobody_signs_in() {
    passes(&OPEN.0, None);
}

#[tokio::test]
async fn the_conformance_suite_for_servers_passes_with_a_token() {
    let host = &GUARDED.0;
    let world = World::new(HttpWeb::new(format!(
        "http://localhost:{}",
        host.address().port()
    )))
    .await;
    let token = world.tokens("ada").await.access;
    passes(host, Some(&token));
}
