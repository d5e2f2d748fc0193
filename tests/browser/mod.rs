//! Pages and journeys in a real browser: headless Chromium, driven from Node.
//!
//! *Invariant:* a page here is what the product serves; the browser is told what to click, never
//! what to believe.

mod gallery;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use harness::host::{Host, Options, build};
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::POSTERN;

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
    drive("pages.test.mjs", "PAGES", file.path().to_str().unwrap());
}

#[test]
fn people_sign_in_deny_and_cancel_by_clicking() {
    build(&[
        "authorize",
        "gateway",
        "home",
        "login",
        "metadata",
        "register",
        "token",
        "toolbox",
    ]);
    let host = Host::start(
        POSTERN,
        &Options::new(Path::new(WORKSPACE).join("spin.toml")),
    )
    .unwrap();
    drive("journey.test.mjs", "ISSUER", &host.url(""));
}

/// Runs a file of browser tests, with one variable that says what they look at.
#[expect(clippy::panic, reason = "what the browser found is the failure")]
fn drive(tests: &str, name: &str, value: &str) {
    let Some(chromium) = chromium() else {
        // Continuous integration installs it; elsewhere a missing browser is no fault of the code.
        assert!(
            std::env::var_os("CI").is_none(),
            "no Chromium: run .ci/packages"
        );
        eprintln!("skipped: no Chromium here; run .ci/packages, or set CHROMIUM to its path");
        return;
    };
    let folder = Path::new(WORKSPACE).join("tests/browser");
    install(&folder);
    let screenshots = Path::new(WORKSPACE).join(SCREENSHOTS);
    fs::create_dir_all(&screenshots).unwrap();
    let output = Command::new("node")
        .current_dir(&folder)
        .args(["--test", "--test-reporter=spec", tests])
        .env("CHROMIUM", chromium)
        .env("SCREENSHOTS", screenshots)
        .env(name, value)
        .output()
        .expect("Node.js runs");
    if !output.status.success() {
        panic!("{}", text(&output));
    }
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

/// Installs what package-lock.json names, once per test process.
fn install(folder: &Path) {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // npm writes this file last, and it is older than a lock that has changed since.
        let modified =
            |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified());
        let lock = modified("package-lock.json").unwrap();
        if modified("node_modules/.package-lock.json").is_ok_and(|installed| installed >= lock) {
            return;
        }
        let npm = Command::new("npm")
            .current_dir(folder)
            .args(["ci", "--no-audit", "--no-fund"])
            .output()
            .expect("npm runs");
        assert!(npm.status.success(), "{}", text(&npm));
    });
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .join("\n")
}
