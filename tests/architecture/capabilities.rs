//! What each component may do: the table, and that manifest and wasm agree with it.
//!
//! *Invariant:* a component holds no store, host, variable, file or import without a row that says
//! so; a change of capabilities is a change of this file.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{Component, components, product};
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
        variables: &["dev_key", "person_dev", "public_url", "tx_dev"],
        imports: &[BE_CALLED, CALL, VARIABLES],
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
    },
    Row {
        component: "streams",
        databases: &["default"],
        variables: &["assertion_public_key"],
        imports: &[BE_CALLED, DATABASE, VARIABLES],
        ..NOTHING
    },
    Row {
        component: "toolbox",
        ..NOTHING
    },
];

/// The columns of a row.
type Columns<T> = [(&'static str, T); 7];

fn columns_of_row(row: &Row) -> Columns<BTreeSet<String>> {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    [
        ("stores", set(row.stores)),
        ("databases", set(row.databases)),
        ("hosts", set(row.hosts)),
        ("variables", set(row.variables)),
        ("files", set(row.files)),
        ("plugs", set(row.plugs)),
        ("imports", set(row.imports)),
    ]
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
    let built = wasm::build(&product());
    let mut rows: BTreeMap<&str, &Row> = TABLE.iter().map(|row| (row.component, row)).collect();
    let mut faults = Vec::new();
    for component in components() {
        let id = component.id.clone();
        let row = rows.remove(id.as_str()).unwrap_or(&NOTHING);
        let imports = component.package().and_then(|package| built.get(&package));
        let imports = imports
            .map(|artefact| artefact.imports.clone())
            .unwrap_or_default();
        let actual = columns_of_component(component, imports);
        for ((column, expected), (_, actual)) in columns_of_row(row).iter().zip(&actual) {
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
