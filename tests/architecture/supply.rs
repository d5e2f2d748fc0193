//! What we build on: versions, licences, and what must never be in a component.
//!
//! *Invariant:* every exception stands in a list with its reason, and leaves the list when it ends.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::DependencyKind;
use spdx::{Expression, ParseMode};

use super::manifest::{of_tests, product};
use super::workspace::{Dependency, WASM, linked, members, packages};
use super::{hold, read};

/// Licences that ask for no more than their text.
const LICENCES: [&str; 9] = [
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Packages under other licences, each with the reason why that is fine.
const LICENCE_EXCEPTIONS: &[(&[&str], &str, &str)] = &[
    (
        &["smartstring"],
        "MPL-2.0",
        "used unchanged, and only in the probe of older hosts: the router of its SDK",
    ),
    (
        &["webpki-roots"],
        "CDLA-Permissive-2.0",
        "Mozilla's root certificates, as data: only the licence's text must travel with them",
    ),
];

/// Several versions of one package in one component, each with the reason why that is fine.
const DUPLICATES_IN_COMPONENTS: &[(&str, &str)] = &[(
    "getrandom",
    "ahash, under boon, asks the previous generation for the seeds of its hash tables",
)];

/// Several versions of one package, by the reason why we live with them.
const DUPLICATES: &[(&str, &[&str])] = &[
    (
        "wasmtime 48 hashes with the previous generation of RustCrypto",
        &[
            "block-buffer",
            "cpufeatures",
            "crypto-common",
            "digest",
            "sha2",
        ],
    ),
    (
        "rcgen, which makes the tests' certificates, reads ASN.1 with the previous generation",
        &["bit-vec"],
    ),
    (
        "the probe of older hosts is built with spin-sdk 5.2, which brings its own wit-bindgen",
        &[
            "foldhash",
            "spin-macro",
            "spin-sdk",
            "wasi",
            "wit-bindgen",
            "wit-bindgen-core",
            "wit-bindgen-rust",
            "wit-bindgen-rust-macro",
        ],
    ),
    (
        "wit-bindgen, wasmtime and wac-graph each pin a release of the same tools",
        &[
            "hashbrown",
            "wasm-encoder",
            "wasm-metadata",
            "wasmparser",
            "wit-component",
            "wit-parser",
        ],
    ),
    (
        "wasmtime 48 is a step behind here or there, or between two",
        &[
            "embedded-io",
            "io-lifetimes",
            "toml",
            "toml_datetime",
            "winnow",
        ],
    ),
    (
        "wac-graph has not moved to thiserror 2",
        &["thiserror", "thiserror-impl"],
    ),
    ("ring has not moved to getrandom 0.4", &["getrandom"]),
    (
        "hyper-util and reqwest moved to base64 0.23 before the others",
        &["base64"],
    ),
    (
        "macros, at build time: syn moves through the ecosystem in steps",
        &["syn"],
    ),
];

/// Cryptography that is not Rust: it does not compile to wasm, or only by surprise.
fn is_foreign_crypto(name: &str) -> bool {
    name == "ring" || name.starts_with("aws-lc") || name.starts_with("openssl")
}

fn in_components() -> BTreeSet<Dependency> {
    let packages = [product(), of_tests()].concat();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    linked(&packages, WASM)
}

/// Names that occur with several versions, and those.
fn duplicates(graph: impl IntoIterator<Item = Dependency>) -> BTreeMap<String, Vec<String>> {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in graph {
        versions.entry(name).or_default().push(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

#[test]
fn components_link_one_version_of_everything_and_so_of_wit_bindgen() {
    let graph = in_components();
    assert!(
        graph.iter().any(|(name, _)| name == "wit-bindgen"),
        "{graph:?}"
    );
    let mut found = duplicates(graph);
    for (name, reason) in DUPLICATES_IN_COMPONENTS {
        let there = found.remove(*name).is_some();
        assert!(
            there,
            "{name} has one version again; the list says: {reason}"
        );
    }
    hold(
        found
            .into_iter()
            .map(|(name, versions)| format!("{name}: {}", versions.join(", "))),
        "Align the versions (`cargo tree --target wasm32-wasip2 --duplicates` tells who asks):",
    );
}

#[test]
fn components_hold_cryptography_in_rust_alone() {
    let graph = in_components().into_iter();
    let foreign = graph.filter(|(name, _)| is_foreign_crypto(name));
    hold(
        foreign.map(|(name, version)| format!("{name} {version}")),
        "Choose the pure-Rust provider of whatever brings it:",
    );
}

#[test]
fn every_licence_asks_for_no_more_than_its_text() {
    let exceptions: BTreeMap<&str, &str> = LICENCE_EXCEPTIONS
        .iter()
        .flat_map(|(names, licence, _)| names.iter().map(|name| (*name, *licence)))
        .collect();
    let mut unused: BTreeSet<&str> = exceptions.keys().copied().collect();
    let mut faults = Vec::new();
    for package in packages() {
        let (name, text) = (
            package.name.as_str(),
            package.license.as_deref().unwrap_or_default(),
        );
        let Ok(licence) = Expression::parse_mode(text, ParseMode::LAX) else {
            faults.push(format!("{name}: `{text}` is no SPDX expression"));
            continue;
        };
        let allows = |excepted: Option<&str>| {
            licence.evaluate(|needed| {
                let id = needed.license.id().map_or("", |id| id.name);
                LICENCES.contains(&id) || excepted == Some(id)
            })
        };
        if allows(None) {
            continue;
        }
        if allows(exceptions.get(name).copied()) {
            unused.remove(name);
        } else {
            faults.push(format!("{name}: {text}"));
        }
    }
    faults.extend(
        unused
            .into_iter()
            .map(|name| format!("{name} needs no exception any more")),
    );
    hold(
        faults,
        "Use something else, or write the reason in tests/architecture/supply.rs:",
    );
}

#[test]
fn a_second_version_of_a_package_has_a_reason() {
    let graph = packages()
        .iter()
        .map(|package| (package.name.to_string(), package.version.to_string()));
    let mut found = duplicates(graph);
    let mut faults = Vec::new();
    for (reason, names) in DUPLICATES {
        let stale = names.iter().filter(|name| found.remove(**name).is_none());
        faults.extend(
            stale.map(|name| format!("{name} has one version again; the list says: {reason}")),
        );
    }
    let new = found.into_iter();
    faults.extend(new.map(|(name, versions)| format!("{name}: {}", versions.join(", "))));
    hold(
        faults,
        "Align the versions, or keep the list in tests/architecture/supply.rs true:",
    );
}

/// The lines of a table or list in the root Cargo.toml.
fn section(header: &str, end: &str) -> Vec<String> {
    let text = read("Cargo.toml");
    let lines = text.lines().skip_while(|line| *line != header).skip(1);
    let section = lines.take_while(|line| !line.starts_with(end));
    section
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_member_and_every_dependency_says_what_it_is_for() {
    let members = section("members = [", "]");
    let dependencies = section("[workspace.dependencies]", "[");
    assert!(
        members.len() > 10 && dependencies.len() > 10,
        "Cargo.toml is laid out differently"
    );
    // Our own crates are described where they are members.
    let foreign = dependencies
        .into_iter()
        .filter(|line| !line.contains("path = "));
    let silent = members.into_iter().chain(foreign).filter(|line| {
        let (_, comment) = line.split_once('#').unwrap_or_default();
        comment.trim().is_empty() && !line.contains("\"components/*\"")
    });
    hold(
        silent,
        "Add a comment of a few words to its line in Cargo.toml:",
    );
}

#[test]
fn every_dependency_of_the_workspace_is_used() {
    let kinds = [
        DependencyKind::Normal,
        DependencyKind::Development,
        DependencyKind::Build,
    ];
    let members = members();
    let named = members.iter().flat_map(|member| {
        kinds
            .iter()
            .flat_map(|kind| member.ours(*kind).into_iter().chain(member.others(*kind)))
    });
    let named: BTreeSet<&str> = named.collect();
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    let listed = manifest["workspace"]["dependencies"]
        .as_table()
        .expect("a table");
    let unused = listed.iter().filter(|(key, value)| {
        let package = value.get("package").and_then(toml::Value::as_str);
        let ours = value.get("path").is_some();
        let name = if ours {
            key.as_str()
        } else {
            package.unwrap_or(key.as_str())
        };
        !named.contains(name)
    });
    hold(
        unused.map(|(key, _)| key.clone()),
        "Remove it from [workspace.dependencies]:",
    );
}
