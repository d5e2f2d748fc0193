//! Pages and journeys in a real browser: headless Chromium, driven from Node.
//!
//! *Invariant:* a page here is what the product serves; the browser is told what to click, never
//! what to believe.

mod gallery;

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use harness::{host::Host, product};
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::{POSTERN, clients};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Where Debian, Ubuntu and Google put the browser.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Pictures of every page, for people to look at.
const SCREENSHOTS: &str = "target/screenshots";

#[test]
fn every_page_reads_well_in_every_window() {
    let pages: Map<String, Value> = gallery::pages()
        .into_iter()
        .map(|(name, answer)| {
            let headers: Map<String, Value> = answer
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
                .collect();
            let body = std::str::from_utf8(answer.body()).unwrap();
            let status = answer.status().as_u16();
            (
                name.to_owned(),
                json!({ "status": status, "headers": headers, "body": body }),
            )
        })
        .collect();
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), Value::Object(pages).to_string()).unwrap();
    let pages = file.path().to_str().unwrap();
    drive("pages.test.mjs", &[("PAGES", pages)]);
}

#[test]
fn people_sign_in_deny_and_cancel_by_clicking() {
    let host = Host::start(POSTERN, &product::options()).unwrap();
    drive("journey.test.mjs", &[("ISSUER", &host.url(""))]);
}

#[test]
fn a_page_of_a_listed_origin_calls_and_another_reads_nothing() {
    const KEY: &str = "Zk3v9Qp7Lx2mN8rT5wYb1cVd4fGh6jKa";
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let options = product::options()
        .variable("api_keys", KEY)
        .variable("allowed_origins", format!("http://app.example:{port}"));
    let host = Host::start(POSTERN, &options).unwrap();
    let set = [
        ("ISSUER", host.url("")),
        ("KEY", KEY.to_owned()),
        ("PORT", port),
    ];
    drive(
        "origin.test.mjs",
        &set.each_ref().map(|(name, value)| (*name, value.as_str())),
    );
}

/// Runs a file of browser tests, with variables that say what they look at.
fn drive(tests: &str, variables: &[(&str, &str)]) {
    let Some(chromium) = chromium() else {
        // Continuous integration installs it; elsewhere a missing browser is no fault of the code.
        assert!(
            std::env::var_os("CI").is_none(),
            "no Chromium: run .ci/packages"
        );
        eprintln!("skipped: no Chromium here; run .ci/packages, or set CHROMIUM to its path");
        return;
    };
    let screenshots = Path::new(WORKSPACE).join(SCREENSHOTS);
    fs::create_dir_all(&screenshots).unwrap();
    let tests = format!("browser/{tests}");
    let mut node = clients::node();
    node.args(["--test", "--test-reporter=spec", &tests])
        .env("CHROMIUM", chromium)
        .env("SCREENSHOTS", screenshots)
        .envs(variables.iter().copied());
    clients::succeeds(&mut node);
}

fn chromium() -> Option<PathBuf> {
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
            .find(|program| program.is_file())
    };
    std::env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .or_else(on_path)
}
