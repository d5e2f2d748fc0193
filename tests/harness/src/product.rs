//! The product, as a host is started with it.
//!
//! *Invariant:* every key comes from one master of the tests, so two hosts of one story agree.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jose::{Secret, derive};
use oauth::grant::Lifetimes;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::host::{Options, build};
use crate::registered;

/// The components of `spin.toml`.
const PACKAGES: [&str; 11] = [
    "authorize",
    "callback",
    "client-documents",
    "gateway",
    "home",
    "login",
    "metadata",
    "register",
    "streams",
    "token",
    "toolbox",
];

/// Lifetimes short enough to wait for.
pub const HASTY: Lifetimes = Lifetimes {
    access_token: Duration::from_secs(3),
    code: Duration::from_secs(3),
    code_repeat: Duration::from_secs(1),
    grant: Duration::from_secs(3600),
    grant_idle: Duration::from_secs(1800),
    refresh_window: Duration::from_secs(2),
};

/// A development server's keys, by their variables.
#[must_use]
pub fn keys() -> Vec<(String, String)> {
    let master = Secret::new(jose::sha256(b"the master of the tests"));
    let symmetric = [
        ("code", "code_key"),
        ("handle", "handle_key"),
        ("refresh", "refresh_key"),
        ("tx/dev", "tx_dev"),
        ("person/dev", "person_dev"),
    ];
    let mut keys: Vec<_> = symmetric
        .into_iter()
        .map(|(purpose, variable)| (variable.to_owned(), derive::symmetric(&master, purpose)))
        .collect();
    for provider in providers::CATALOGUE {
        for family in ["tx", "person", "upstream"] {
            let key = derive::symmetric(&master, &format!("{family}/{}", provider.id));
            keys.push((format!("{family}_{}", provider.suffix()), key));
        }
    }
    for (purpose, variable) in [
        ("registration", "registration"),
        ("access-token", "access_token"),
        ("assertion", "assertion"),
        ("session", "session"),
    ] {
        let (private, public) = derive::signing_pair(&master, purpose);
        keys.push((format!("{variable}_key"), private));
        keys.push((format!("{variable}_public_key"), public));
    }
    for (purpose, variable) in [("dev", "dev_key"), ("state", "state_key")] {
        keys.push((variable.to_owned(), derive::symmetric(&master, purpose)));
    }
    keys
}

/// The built product with a development server's keys, and clients that its operator wrote down.
#[must_use]
pub fn options() -> Options {
    options_of(manifest())
}

/// The built product with another `postern.toml`, which may mount the fixtures, in a folder for it.
///
/// # Panics
/// If the folder cannot be written.
#[must_use]
pub fn options_with_fixtures(folder: &Path, configuration: &str) -> Options {
    let manifest = project(folder, configuration);
    let text = std::fs::read_to_string(&manifest).expect("it was just written");
    let more = built_at(include_str!("../../../components/fixtures/spin.toml"));
    let text = with_servers(&text, &more).expect("two manifests");
    std::fs::write(&manifest, text).expect("the folder is there");
    build(&["fixtures"]);
    options_of(manifest)
}

/// A manifest with the components of another behind its gateway.
///
/// # Errors
/// If one of them is no manifest.
pub fn with_servers(product: &str, servers: &str) -> Result<String, toml::de::Error> {
    let mut product: Manifest = toml::from_str(product)?;
    let servers: Manifest = toml::from_str(servers)?;
    product.variables.extend(servers.variables);
    product.trigger.http.extend(servers.trigger.http);
    if let Some(Value::Table(gateway)) = product.component.get_mut("gateway")
        && let Some(Value::Array(hosts)) = gateway.get_mut("allowed_outbound_hosts")
    {
        let reached = |id| Value::from(format!("http://{id}.spin.internal"));
        hosts.extend(servers.component.keys().map(reached));
    }
    product.component.extend(servers.component);
    Ok(toml::to_string(&product).expect("tables are TOML"))
}

/// A manifest as far as components can be added to it.
#[derive(Serialize, Deserialize)]
struct Manifest {
    #[serde(default)]
    variables: Table,
    trigger: Triggers,
    component: Table,
    #[serde(flatten)]
    others: Table,
}

#[derive(Serialize, Deserialize)]
struct Triggers {
    http: Vec<Table>,
}

/// The built product in a manifest that holds more than it.
#[must_use]
pub fn options_of(manifest: impl Into<PathBuf>) -> Options {
    build(&PACKAGES);
    let options = Options::new(manifest).variable(registered::VARIABLE, registered::variable());
    keys().into_iter().fold(options, |options, (name, value)| {
        options.variable(name, value)
    })
}

/// The built product with another `postern.toml`, in a folder for it.
///
/// # Panics
/// If the folder cannot be written.
#[must_use]
pub fn options_with_configuration(folder: &Path, configuration: &str) -> Options {
    options_of(project(folder, configuration))
}

/// A manifest of the product in a folder of its own, and a `postern.toml` beside it.
///
/// # Panics
/// If the folder cannot be written.
#[must_use]
pub fn project(folder: &Path, configuration: &str) -> PathBuf {
    let text = built_at(include_str!("../../../spin.toml"));
    let path = folder.join("spin.toml");
    std::fs::write(&path, text).expect("the folder is there");
    std::fs::write(folder.join("postern.toml"), configuration).expect("the folder is there");
    // Compiled components are kept beside the built ones, for every host alike.
    std::os::unix::fs::symlink(root().join("target"), folder.join("target"))
        .expect("the folder is new");
    path
}

/// A manifest elsewhere, whose components are where they are built.
fn built_at(manifest: &str) -> String {
    manifest.replace("\"target/", &format!("\"{}/target/", root().display()))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The built product with the keys of a `.env` file.
#[must_use]
pub fn options_with_keys_in(env_file: impl Into<PathBuf>) -> Options {
    options_with_keys(manifest(), env_file)
}

/// The built product in another manifest, with the keys of a `.env` file.
#[must_use]
pub fn options_with_keys(manifest: PathBuf, env_file: impl Into<PathBuf>) -> Options {
    build(&PACKAGES);
    Options::new(manifest).env_file(env_file)
}

fn manifest() -> PathBuf {
    root().join("spin.toml")
}

/// With lifetimes short enough to wait for.
#[must_use]
pub fn hasty(options: Options) -> Options {
    let seconds = |duration: Duration| duration.as_secs().to_string();
    options
        .variable("access_token_seconds", seconds(HASTY.access_token))
        .variable("code_seconds", seconds(HASTY.code))
        .variable("code_repeat_seconds", seconds(HASTY.code_repeat))
        .variable("refresh_window_seconds", seconds(HASTY.refresh_window))
}

/// How long things live where a theft shows after moments: tokens live as for operators, while
/// codes and refresh tokens that come back are forgiven for a moment only.
///
/// # Panics
/// If lifetimes had no defaults.
#[must_use]
pub fn wary_lifetimes() -> Lifetimes {
    Lifetimes {
        code_repeat: HASTY.code_repeat,
        refresh_window: HASTY.refresh_window,
        ..Lifetimes::read(|_| None).expect("lifetimes have defaults")
    }
}

/// With those lifetimes.
#[must_use]
pub fn wary(options: Options) -> Options {
    let seconds = |duration: Duration| duration.as_secs().to_string();
    options
        .variable("code_repeat_seconds", seconds(HASTY.code_repeat))
        .variable("refresh_window_seconds", seconds(HASTY.refresh_window))
}
