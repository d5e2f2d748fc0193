//! Who may name whom.
//!
//! *Invariant:* dependencies point one way: components → flows → rules, and hosts → ports.

use std::collections::BTreeSet;

use cargo_metadata::DependencyKind;

use super::hold;
use super::workspace::{Member, family, linked_natively, members};

/// The rules: pure functions over values. Per crate, all that it names of ours and of others.
const PURE: [(&str, &[&str], &[&str]); 7] = [
    (
        "configuration",
        &["jose", "oauth", "policy", "providers"],
        &["serde", "serde_json", "strsim", "thiserror", "toml"],
    ),
    (
        "jose",
        &[],
        &[
            "base64",
            "chacha20poly1305",
            "ed25519-dalek",
            "hkdf",
            "hmac",
            "p256",
            "p384",
            "rsa",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
            "zeroize",
        ],
    ),
    (
        "mcp",
        &[],
        &["base64", "http", "serde", "serde_json", "thiserror"],
    ),
    (
        "oauth",
        &["jose"],
        &[
            "http",
            "idna_adapter",
            "serde",
            "serde_json",
            "thiserror",
            "url",
        ],
    ),
    (
        "pages",
        &["oauth"],
        &[
            "askama",
            "base64",
            "bytes",
            "http",
            "jiff",
            "serde",
            "serde_json",
            "sha2",
        ],
    ),
    ("policy", &[], &["glob", "serde", "thiserror"]),
    (
        "providers",
        &["jose", "oauth"],
        &["bytes", "http", "serde", "serde_json", "thiserror", "url"],
    ),
];

/// The ports name the nouns of two protocols, and nothing else of ours.
const PORTS: (&str, &[&str]) = ("host", &["mcp", "oauth"]);
/// Async over ports.
const FLOWS: [&str; 4] = ["authorization-server", "documents", "gateway", "server"];
/// A flow that others are made of.
const SHARED_FLOW: &str = "documents";
/// Where ports are implemented.
const HOSTS: [&str; 2] = ["host-memory", "host-spin"];
/// Programs of this machine, and all that they name of ours.
const NATIVE: [(&str, &[&str]); 2] = [
    ("runner", &[]),
    (
        "cli",
        &["configuration", "jose", "oauth", "providers", "runner"],
    ),
];

/// What a component names beyond a flow, host-spin, spin-sdk and wit-bindgen.
const COMPONENT_EXTRAS: [(&str, &[&str], &str); 3] = [
    (
        "fixtures",
        &["host", "mcp", "serde_json"],
        "what it offers is in it, and its flow says how that is answered",
    ),
    (
        "home",
        &["host", "oauth"],
        "no flow: its one setting is the identity of the server",
    ),
    (
        "toolbox",
        &["serde", "serde_json"],
        "no flow: the tools themselves live in it",
    ),
];

/// A clock, chance, a socket, a thread, a file, or the host: what rules, ports and flows never
/// reach, not even through somebody else. `rand_core` only says what chance looks like; whatever has
/// any to give comes with `getrandom`.
const WORLD: [&str; 16] = [
    "async-std",
    "aws-lc-rs",
    "futures-executor",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "reqwest",
    "ring",
    "rusqlite",
    "smol",
    "socket2",
    "spin-sdk",
    "tokio",
    "wasmtime",
    "wit-bindgen",
];

/// What a flow reaches all the same, by way of whom, and why that is no way to the world.
const HARMLESS: [(&str, &str, &str); 1] = [(
    "server",
    "getrandom",
    "ahash, under boon, draws the seeds of its hash tables",
)];

/// Ways to the world that need no dependency.
const ASYNC_OR_IO: [&str; 11] = [
    "async fn",
    "async move",
    ".await",
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
];

fn pure() -> Vec<&'static str> {
    PURE.iter().map(|(name, ..)| *name).collect()
}

fn the_crate(folder: &str) -> Member {
    let found = family("crates")
        .into_iter()
        .find(|member| member.folder == folder);
    found.unwrap_or_else(|| panic!("a rule names crates/{folder}, which is gone: change the rule"))
}

/// What `member` names and may not.
fn strangers(member: &Member, named: &BTreeSet<&str>, allowed: &[&str]) -> Vec<String> {
    let strangers = named.iter().filter(|name| !allowed.contains(name));
    strangers
        .map(|name| format!("{} names {name}", member.path()))
        .collect()
}

#[test]
fn every_crate_has_a_place_in_the_order() {
    let placed: BTreeSet<&str> = pure()
        .into_iter()
        .chain([PORTS.0])
        .chain(FLOWS)
        .chain(HOSTS)
        .chain(NATIVE.map(|(name, _)| name))
        .collect();
    let homeless = family("crates")
        .into_iter()
        .filter(|member| !placed.contains(member.folder));
    hold(
        homeless.map(|member| member.path()),
        "Say in tests/architecture/directions.rs whether it is rules, ports, a flow or a host:",
    );
}

#[test]
fn rules_name_only_what_is_listed() {
    let mut faults = Vec::new();
    for (folder, ours, others) in PURE {
        let member = the_crate(folder);
        let named_ours = member.ours(DependencyKind::Normal);
        let named_others = member.others(DependencyKind::Normal);
        faults.extend(strangers(&member, &named_ours, ours));
        faults.extend(strangers(&member, &named_others, others));
        let listed = ours.iter().chain(others);
        let stale =
            listed.filter(|name| !named_ours.contains(*name) && !named_others.contains(*name));
        faults.extend(stale.map(|name| format!("crates/{folder} does not name {name} any more")));
    }
    hold(
        faults,
        "A pure crate takes no new dependency lightly: if it is a pure one too, change the list; \
         anything else belongs behind a port:",
    );
}

#[test]
fn rules_ports_and_flows_reach_no_clock_socket_file_or_runtime() {
    let folders = pure().into_iter().chain([PORTS.0]).chain(FLOWS);
    let excused: BTreeSet<&str> = HARMLESS.iter().map(|(folder, ..)| *folder).collect();
    let (apart, together): (Vec<&str>, Vec<&str>) =
        folders.partition(|folder| excused.contains(folder));
    let reached = |folders: &[&str]| {
        let names: Vec<String> = folders
            .iter()
            .map(|name| format!("postern-{name}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        linked_natively(&names)
    };
    let mut worldly = reached(&together);
    for folder in apart {
        let mut through = reached(&[folder]);
        for (_, name, _) in HARMLESS.iter().filter(|(of, ..)| *of == folder) {
            let before = through.len();
            through.retain(|(reached, _)| reached != name);
            assert!(
                through.len() < before,
                "{folder} does not reach {name} any more"
            );
        }
        worldly.extend(through);
    }
    worldly.retain(|(name, _)| WORLD.contains(&name.as_str()));
    hold(
        worldly
            .into_iter()
            .map(|(name, version)| format!("{name} {version}")),
        "Drop the feature or the dependency that brings it (`cargo tree --invert NAME` tells), or \
         reach it through a port:",
    );
}

#[test]
fn rules_are_neither_async_nor_do_they_do_io() {
    let sources = super::sources::rust().filter(|source| {
        pure()
            .iter()
            .any(|name| source.path.starts_with(&format!("crates/{name}/src/")))
    });
    let faults = sources.flat_map(|source| {
        let code = source.code().into_iter();
        let reaching = code.filter(|(_, line)| ASYNC_OR_IO.iter().any(|way| line.contains(way)));
        let found = reaching.map(|(number, _)| format!("{}:{number}", source.path));
        found.collect::<Vec<_>>()
    });
    hold(
        faults,
        "Rules are functions over values: do this in a flow, through a port:",
    );
}

#[test]
fn ports_name_nouns_and_flows_see_ports_but_no_host() {
    let mut faults = Vec::new();
    let (ports, nouns) = PORTS;
    let ports = the_crate(ports);
    faults.extend(strangers(
        &ports,
        &ports.ours(DependencyKind::Normal),
        nouns,
    ));
    let below: Vec<&str> = pure().into_iter().chain([PORTS.0]).collect();
    for folder in FLOWS.into_iter().chain(HOSTS) {
        let member = the_crate(folder);
        let shared = (FLOWS.contains(&folder) && folder != SHARED_FLOW).then_some(SHARED_FLOW);
        let named: Vec<&str> = below.iter().copied().chain(shared).collect();
        faults.extend(strangers(
            &member,
            &member.ours(DependencyKind::Normal),
            &named,
        ));
        // Tests of a flow may run on the host in memory.
        let in_tests = [below.as_slice(), &["host-memory"]].concat();
        faults.extend(strangers(
            &member,
            &member.ours(DependencyKind::Development),
            &in_tests,
        ));
    }
    hold(
        faults,
        "Dependencies point one way: flows → rules and ports, hosts → ports:",
    );
}

#[test]
fn the_runner_knows_nothing_of_the_product() {
    let faults = NATIVE.iter().flat_map(|(folder, allowed)| {
        let member = the_crate(folder);
        strangers(&member, &member.ours(DependencyKind::Normal), allowed)
    });
    hold(
        faults,
        "It serves any manifest, as Spin does: nothing may work only there:",
    );
}

#[test]
fn a_component_names_one_flow_and_its_host() {
    let mut faults = Vec::new();
    for member in family("components") {
        let named = member.ours(DependencyKind::Normal);
        let is_flow = |name: &&&str| FLOWS.contains(*name) || **name == "pages";
        if named.iter().filter(is_flow).count() > 1 {
            faults.push(format!("{} names more than one flow", member.path()));
        }
        let extras = COMPONENT_EXTRAS
            .iter()
            .find(|(folder, ..)| *folder == member.folder);
        let extras = extras.map_or(&[][..], |(_, extras, _)| *extras);
        let usual = [
            "authorization-server",
            "gateway",
            "host-spin",
            "pages",
            "server",
            "spin-sdk",
            "wit-bindgen",
        ];
        let allowed = [usual.as_slice(), extras].concat();
        let others = member.others(DependencyKind::Normal);
        faults.extend(strangers(&member, &named, &allowed));
        faults.extend(strangers(&member, &others, &allowed));
        let stale = extras
            .iter()
            .filter(|name| !named.contains(*name) && !others.contains(*name));
        faults.extend(stale.map(|name| format!("{} does not name {name} any more", member.path())));
    }
    hold(
        faults,
        "A component is a screen of code: what it does belongs in its flow:",
    );
}

#[test]
fn only_host_spin_components_and_probes_name_the_sdk() {
    let faults = members().into_iter().filter(|member| {
        let near =
            member.folder == "host-spin" || ["components", "tests/probes"].contains(&member.family);
        let kinds = [
            DependencyKind::Normal,
            DependencyKind::Development,
            DependencyKind::Build,
        ];
        !near
            && kinds
                .iter()
                .any(|kind| member.others(*kind).contains("spin-sdk"))
    });
    hold(
        faults.map(|member| member.path()),
        "What needs the SDK is a port: declare it in crates/host, implement it in crates/host-spin:",
    );
}

#[test]
fn libraries_have_errors_of_their_own() {
    let libraries = family("crates")
        .into_iter()
        .filter(|member| member.folder != "cli");
    let faults =
        libraries.filter(|member| member.others(DependencyKind::Normal).contains("anyhow"));
    hold(
        faults.map(|member| member.path()),
        "anyhow is for binaries and components; a library says who refused, with thiserror:",
    );
}
