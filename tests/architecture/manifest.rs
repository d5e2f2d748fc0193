//! spin.toml: the map and the security model; and what tests add to it.
//!
//! *Invariant:* what either says of a component is read here once, for every rule.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::workspace::WASM;
use super::{hold, read};

/// The manifest, as far as the rules look.
#[derive(Deserialize)]
pub(super) struct Manifest {
    variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    secret: bool,
}

#[derive(Deserialize)]
struct Triggers {
    http: Vec<Trigger>,
}

#[derive(Deserialize)]
struct Trigger {
    component: String,
}

/// One component: what it is, and all that it may do.
#[derive(Deserialize)]
pub(super) struct Component {
    #[serde(skip)]
    pub(super) id: String,
    #[serde(default)]
    description: String,
    source: String,
    /// What builds it; components of one WebAssembly file are built by the first of them.
    build: Option<Build>,
    #[serde(default)]
    pub(super) key_value_stores: BTreeSet<String>,
    #[serde(default)]
    pub(super) sqlite_databases: BTreeSet<String>,
    #[serde(default)]
    pub(super) allowed_outbound_hosts: BTreeSet<String>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) files: Vec<File>,
    #[serde(default)]
    pub(super) dependencies: BTreeMap<String, Plug>,
}

#[derive(Deserialize)]
struct Build {
    command: String,
}

/// A file that a component sees.
#[derive(Deserialize)]
pub(super) struct File {
    pub(super) source: String,
}

/// What is composed into a component.
#[derive(Deserialize)]
pub(super) struct Plug {
    pub(super) component: String,
}

impl Component {
    /// The package it is built from, by the file that Cargo makes of one.
    pub(super) fn package(&self) -> Option<String> {
        let file = self.source.strip_prefix("target/wasm32-wasip2/release/")?;
        Some(file.strip_suffix(".wasm")?.replace('_', "-"))
    }
}

/// The product's manifest.
const PRODUCT: &str = "spin.toml";
/// What hosts of tests have beside it.
const OF_TESTS: &str = "components/fixtures/spin.toml";

fn manifest(path: &str) -> Manifest {
    let mut manifest: Manifest = toml::from_str(&read(path))
        .unwrap_or_else(|error| panic!("{path} is not what the rules can read: {error}"));
    for (id, component) in &mut manifest.component {
        component.id.clone_from(id);
    }
    manifest
}

/// Both as one.
fn whole() -> Manifest {
    let (mut whole, of_tests) = (manifest(PRODUCT), manifest(OF_TESTS));
    whole.variables.extend(of_tests.variables);
    whole.trigger.http.extend(of_tests.trigger.http);
    whole.component.extend(of_tests.component);
    whole
}

/// The components, in the order of their ids.
pub(super) fn components() -> Vec<Component> {
    whole().component.into_values().collect()
}

/// The packages that the product is built from, each once, in order: what hosts build too.
pub(super) fn product() -> Vec<String> {
    packages(PRODUCT)
}

/// The packages of what tests add to it.
pub(super) fn of_tests() -> Vec<String> {
    packages(OF_TESTS)
}

fn packages(path: &str) -> Vec<String> {
    let components = manifest(path).component;
    let packages: BTreeSet<_> = components.values().filter_map(Component::package).collect();
    packages.into_iter().collect()
}

#[test]
fn every_component_is_described() {
    let silent = components()
        .into_iter()
        .filter(|component| component.description.is_empty());
    hold(
        silent.map(|component| component.id),
        "Say in one line of spin.toml what it is for:",
    );
}

/// Whoever runs the product neither builds nor loads what is for tests.
#[test]
fn the_product_knows_nothing_of_what_tests_add() {
    let product = read(PRODUCT);
    let of_tests = manifest(OF_TESTS);
    let named = of_tests.component.keys().chain(of_tests.variables.keys());
    hold(
        named
            .filter(|name| product.contains(name.as_str()))
            .cloned(),
        "Take it out of spin.toml:",
    );
}

#[test]
fn every_component_is_built_as_it_is_served() {
    let mut faults = Vec::new();
    let mut builds: BTreeMap<String, usize> = BTreeMap::new();
    for component in components() {
        let Some(package) = component.package() else {
            faults.push(format!("{}: source is {}", component.id, component.source));
            continue;
        };
        let expected = format!("cargo build --release --target {WASM} -p {package}");
        let count = builds.entry(package).or_default();
        if let Some(Build { command: actual }) = &component.build {
            *count += 1;
            if *actual != expected {
                faults.push(format!("{}: `{actual}`, not `{expected}`", component.id));
            }
        }
    }
    let odd = builds.into_iter().filter(|(_, count)| *count != 1);
    faults.extend(odd.map(|(package, count)| format!("{package} is built {count} times")));
    hold(
        faults,
        "Source and build command of a component are those of one release build, and one component \
         of each package has it:",
    );
}

#[test]
fn every_component_is_reached() {
    let manifest = whole();
    let routed = manifest
        .trigger
        .http
        .iter()
        .map(|trigger| trigger.component.as_str());
    let plugs = manifest
        .component
        .values()
        .flat_map(|component| component.dependencies.values());
    let reached: BTreeSet<&str> = routed
        .chain(plugs.map(|plug| plug.component.as_str()))
        .collect();
    let known: BTreeSet<&str> = manifest.component.keys().map(String::as_str).collect();
    let faults = reached.symmetric_difference(&known);
    hold(
        faults.map(|id| (*id).to_owned()),
        "A route and a component belong together; one without the other goes:",
    );
}

#[test]
fn no_component_may_call_any_host() {
    let faults = components().into_iter().flat_map(|component| {
        let hosts = component.allowed_outbound_hosts.iter();
        // The fetcher of client documents is the one component without a store or a secret.
        let fetcher = |host: &str| component.id == "client-documents" && host == "https://*";
        let wild = hosts.filter(|host| host.contains('*') && !fetcher(host));
        wild.map(|host| format!("{}: {host}", component.id))
            .collect::<Vec<_>>()
    });
    hold(faults, "List the hosts, one by one:");
}

#[test]
fn every_variable_is_declared_read_and_marked_when_secret() {
    let manifest = whole();
    let mut faults = Vec::new();
    let templates = manifest
        .component
        .values()
        .flat_map(|component| component.variables.values());
    let templates: Vec<&str> = templates.map(String::as_str).collect();
    for (name, variable) in &manifest.variables {
        let template = format!("{{{{ {name} }}}}");
        if !templates.contains(&template.as_str()) {
            faults.push(format!("{name} is read by no component: remove it"));
        }
        if is_secret(name) != variable.secret {
            let should = if is_secret(name) {
                "needs"
            } else {
                "has no need of"
            };
            faults.push(format!("{name} {should} `secret = true`"));
        }
    }
    hold(faults, "In [variables] of spin.toml:");
}

/// Private keys, by the names that they have: see `postern init`.
fn is_secret(variable: &str) -> bool {
    let key = variable.ends_with("_key") && !variable.ends_with("_public_key");
    let seals = ["tx_", "person_", "upstream_"];
    let seals = seals.iter().any(|family| variable.starts_with(family));
    // What others hold too, as it is.
    let given = variable.ends_with("_secret") || variable == "api_keys";
    // Clients' secrets may stand in it as they are.
    key || seals || given || variable == "oauth_registered_clients"
}
