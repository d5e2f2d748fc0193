//! What each component may do: the table, and that manifest and wasm agree with it.
//!
//! *Invariant:* a component holds no store, host, variable, file or import without a row that says
//! so; a change of capabilities is a change of this file.

use std::collections::{BTreeMap, BTreeSet};

use providers::{CATALOGUE, Provider};

use super::manifest::{Component, components, of_tests, product};
use super::{hold, wasm};

/// Everything that one component may do.
struct Row {
    component: &'static str,
    /// Labels of key-value stores and databases.
    stores: &'static [&'static str],
    databases: &'static [&'static str],
    hosts: &'static [&'static str],
    variables: &'static [&'static str],
    files: &'static [&'static str],
    /// The components composed into it.
    plugs: &'static [&'static str],
    /// Interfaces that its wasm imports, without versions and beyond `wasi:{cli,clocks,io,random}`.
    imports: &'static [&'static str],
    /// What it has of every identity provider beyond that.
    of_provider: fn(&Provider) -> OfProvider,
}

/// What a component has of one identity provider.
#[derive(Default)]
pub(super) struct OfProvider {
    pub(super) hosts: Vec<String>,
    pub(super) variables: Vec<String>,
}

/// A component that may do nothing.
const NOTHING: Row = Row {
    component: "",
    stores: &[],
    databases: &[],
    hosts: &[],
    variables: &[],
    files: &[],
    plugs: &[],
    imports: &[],
    of_provider: |_| OfProvider {
        hosts: Vec::new(),
        variables: Vec::new(),
    },
};

// Interfaces, by what they let a component do.
const BE_CALLED: &str = "wasi:http/types";
const CALL: &str = "wasi:http/client";
const DATABASE: &str = "spin:sqlite/sqlite";
const FILES: &str = "wasi:filesystem/types";
const FOLDERS: &str = "wasi:filesystem/preopens";
const STORE: &str = "spin:key-value/key-value";
const TOOLS: &str = "postern:toolset/tools";
const VARIABLES: &str = "spin:variables/variables";

const TABLE: &[Row] = &[
    Row {
        component: "home",
        variables: &["dev_key", "public_url"],
        imports: &[BE_CALLED, VARIABLES],
        ..NOTHING
    },
    Row {
        component: "metadata",
        variables: &[
            "access_token_public_key",
            "dev_key",
            "outbound_guard",
            "public_url",
        ],
        imports: &[BE_CALLED, VARIABLES],
        ..NOTHING
    },
    Row {
        component: "register",
        variables: &["dev_key", "public_url", "registration_key"],
        imports: &[BE_CALLED, VARIABLES],
        ..NOTHING
    },
    Row {
        component: "authorize",
        databases: &["default"],
        stores: &["default"],
        hosts: &["http://client-documents.spin.internal"],
        variables: &[
            "client_document_hosts",
            "dev_key",
            "oauth_registered_clients",
            "outbound_guard",
            "public_url",
            "registration_public_key",
            "session_public_key",
            "tx_dev",
        ],
        files: &["postern.toml"],
        imports: &[BE_CALLED, CALL, DATABASE, FILES, FOLDERS, STORE, VARIABLES],
        // Which are on, and the key that only `login-<id>` opens with.
        of_provider: authorize,
        ..NOTHING
    },
    Row {
        component: "callback",
        variables: &["dev_key", "public_url"],
        imports: &[BE_CALLED, CALL, VARIABLES],
        of_provider: callback,
        ..NOTHING
    },
    Row {
        component: "client-documents",
        hosts: &["https://*"],
        variables: &["client_document_hosts", "outbound_guard"],
        imports: &[BE_CALLED, CALL, VARIABLES],
        ..NOTHING
    },
    Row {
        component: "login-dev",
        hosts: &["http://token.spin.internal"],
        variables: &["dev_key", "person_dev", "provider", "public_url", "tx_dev"],
        imports: LOGIN.imports,
        ..NOTHING
    },
    Row {
        component: "token",
        stores: &["default"],
        databases: &["default"],
        hosts: &["http://client-documents.spin.internal"],
        variables: &[
            "access_token_key",
            "access_token_seconds",
            "client_document_hosts",
            "code_key",
            "code_repeat_seconds",
            "code_seconds",
            "dev_key",
            "grant_idle_seconds",
            "grant_seconds",
            "oauth_registered_clients",
            "outbound_guard",
            "person_dev",
            "public_url",
            "refresh_key",
            "refresh_window_seconds",
            "registration_public_key",
            "session_key",
        ],
        files: &["postern.toml"],
        imports: &[BE_CALLED, CALL, DATABASE, FILES, FOLDERS, STORE, VARIABLES],
        of_provider: token,
        ..NOTHING
    },
    Row {
        component: "gateway",
        stores: &["default"],
        databases: &["default"],
        hosts: &[
            "http://client-documents.spin.internal",
            "http://streams.spin.internal",
        ],
        variables: &[
            "access_token_public_key",
            "allowed_origins",
            "api_keys",
            "assertion_key",
            "client_document_hosts",
            "dev_key",
            "handle_key",
            "jwt_secret",
            "outbound_guard",
            "policy_aud",
            "public_url",
            "stream_seconds",
            "team_domain",
        ],
        files: &["postern.toml"],
        plugs: &["toolbox"],
        imports: &[
            BE_CALLED, CALL, DATABASE, FILES, FOLDERS, STORE, TOOLS, VARIABLES,
        ],
        ..NOTHING
    },
    Row {
        component: "streams",
        databases: &["default"],
        variables: &["assertion_public_key"],
        imports: &[BE_CALLED, DATABASE, VARIABLES],
        ..NOTHING
    },
    // Of tests. The store is where it counts changes, and the database where it keeps tasks, for
    // every instance to see.
    Row {
        component: "fixtures",
        stores: &["default"],
        databases: &["default"],
        variables: &["assertion_public_key", "state_key"],
        imports: &[BE_CALLED, DATABASE, STORE, VARIABLES],
        ..NOTHING
    },
    Row {
        component: "toolbox",
        ..NOTHING
    },
];

/// The row of `login-<id>`, once for each provider: its own hosts, variables and keys.
const LOGIN: Row = Row {
    component: "login",
    stores: &["default"],
    hosts: &["http://token.spin.internal"],
    variables: &["dev_key", "provider", "public_url"],
    files: &["postern.toml"],
    imports: &[BE_CALLED, CALL, FILES, FOLDERS, STORE, VARIABLES],
    of_provider: login,
    ..NOTHING
};

/// Which component a provider is.
pub(super) fn component_of(provider: &Provider) -> String {
    format!("login-{}", provider.id)
}

/// Where a component reaches another that it is chained to.
fn chained_to(provider: &Provider) -> String {
    format!("http://{}.spin.internal", component_of(provider))
}

/// What `authorize` has of a provider.
pub(super) fn authorize(provider: &Provider) -> OfProvider {
    let public = provider.public_variables().map(str::to_owned);
    OfProvider {
        variables: public
            .chain([format!("tx_{}", provider.suffix())])
            .collect(),
        ..OfProvider::default()
    }
}

/// What `callback` has of a provider.
pub(super) fn callback(provider: &Provider) -> OfProvider {
    OfProvider {
        hosts: vec![chained_to(provider)],
        ..OfProvider::default()
    }
}

/// What `token` has of a provider.
pub(super) fn token(provider: &Provider) -> OfProvider {
    OfProvider {
        hosts: vec![chained_to(provider)],
        variables: vec![format!("person_{}", provider.suffix())],
    }
}

/// What `login-<id>` has of its provider.
pub(super) fn login(provider: &Provider) -> OfProvider {
    let host = |template: &&str| {
        let variable = template.replace('{', "{{ ").replace('}', " }}");
        format!("https://{variable}")
    };
    let families = ["tx", "person", "upstream"];
    let keys = families.map(|family| format!("{family}_{}", provider.suffix()));
    OfProvider {
        hosts: provider.hosts.iter().map(host).collect(),
        variables: provider
            .variable_names()
            .map(str::to_owned)
            .chain(keys)
            .collect(),
    }
}

/// The columns of a row.
type Columns<T> = [(&'static str, T); 7];

fn columns_of_row(row: &Row, of: &[&Provider]) -> Columns<BTreeSet<String>> {
    let set = |names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    let (mut hosts, mut variables) = (set(row.hosts), set(row.variables));
    for provider in of {
        let more = (row.of_provider)(provider);
        hosts.extend(more.hosts);
        variables.extend(more.variables);
    }
    [
        ("stores", set(row.stores)),
        ("databases", set(row.databases)),
        ("hosts", hosts),
        ("variables", variables),
        ("files", set(row.files)),
        ("plugs", set(row.plugs)),
        ("imports", set(row.imports)),
    ]
}

/// Every row, by the component that it is of.
fn rows() -> BTreeMap<String, Columns<BTreeSet<String>>> {
    let all: Vec<&Provider> = CATALOGUE.iter().collect();
    let written = TABLE
        .iter()
        .map(|row| (row.component.to_owned(), columns_of_row(row, &all)));
    let logins = CATALOGUE
        .iter()
        .map(|provider| (component_of(provider), columns_of_row(&LOGIN, &[provider])));
    written.chain(logins).collect()
}

fn columns_of_component(
    component: Component,
    imports: BTreeSet<String>,
) -> Columns<BTreeSet<String>> {
    let plugs = component
        .dependencies
        .into_values()
        .map(|plug| plug.component);
    [
        ("stores", component.key_value_stores),
        ("databases", component.sqlite_databases),
        ("hosts", component.allowed_outbound_hosts),
        ("variables", component.variables.into_keys().collect()),
        (
            "files",
            component
                .files
                .into_iter()
                .map(|file| file.source)
                .collect(),
        ),
        ("plugs", plugs.collect()),
        ("imports", imports),
    ]
}

#[test]
fn a_component_may_do_what_its_row_says_and_nothing_else() {
    let mut built = wasm::build(&product());
    built.extend(wasm::build(&of_tests()));
    let mut rows = rows();
    let mut faults = Vec::new();
    for component in components() {
        let id = component.id.clone();
        let row = rows.remove(&id);
        let row = row.unwrap_or_else(|| columns_of_row(&NOTHING, &[]));
        let imports = component.package().and_then(|package| built.get(&package));
        let imports = imports
            .map(|artefact| artefact.imports.clone())
            .unwrap_or_default();
        let actual = columns_of_component(component, imports);
        for ((column, expected), (_, actual)) in row.iter().zip(&actual) {
            let added = actual.difference(expected);
            faults.extend(added.map(|name| format!("{id} has, beyond its row, {column}: {name}")));
            let lost = expected.difference(actual);
            faults.extend(
                lost.map(|name| format!("{id} has not, despite its row, {column}: {name}")),
            );
        }
    }
    faults.extend(
        rows.into_keys()
            .map(|id| format!("{id} is not in spin.toml")),
    );
    hold(
        faults,
        "Take the capability away, or change the row in tests/architecture/capabilities.rs and the \
         table in ARCHITECTURE.md, and say why in the commit:",
    );
}
