//! `runtime-config.toml`: the stores behind the labels, and the outbound guard.
//!
//! *Invariant:* a key or a kind of store that this host does not serve is refused by name.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    LoadRefused, blocked_networks::BlockedNetworks, client_tls, client_tls::ClientTls,
    manifest::locate,
};

/// The label that exists without any configuration.
const DEFAULT_LABEL: &str = "default";

/// What the runtime configuration decides, with its defaults filled in.
#[derive(Debug)]
pub(crate) struct RuntimeConfig {
    /// The file behind each key-value label.
    pub(crate) key_value: BTreeMap<String, PathBuf>,
    /// The file behind each database label.
    pub(crate) sqlite: BTreeMap<String, PathBuf>,
    /// The static variable providers, in order.
    pub(crate) variables: Vec<BTreeMap<String, String>>,
    /// Where no component may connect to.
    pub(crate) blocked: BlockedNetworks,
    /// Whom some components trust at some hosts.
    pub(crate) client_tls: Vec<ClientTls>,
    /// The most memory one instance may have, in bytes.
    pub(crate) max_instance_memory: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    key_value_store: BTreeMap<String, Store>,
    #[serde(default)]
    sqlite_database: BTreeMap<String, Store>,
    #[serde(default)]
    variables_provider: Vec<Provider>,
    #[serde(default)]
    outbound_networking: Networking,
    #[serde(default)]
    client_tls: Vec<client_tls::Written>,
    max_instance_memory: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Store {
    r#type: String,
    path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    r#type: String,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Networking {
    #[serde(default)]
    block_networks: Vec<String>,
}

/// Reads `path`, if there is one, for an application with this state folder.
pub(crate) fn read(path: Option<&Path>, state_dir: &Path) -> Result<RuntimeConfig, LoadRefused> {
    let Some(path) = path else {
        return File::default()
            .settle(Path::new(""), state_dir)
            .map_err(LoadRefused::engine);
    };
    let text = std::fs::read_to_string(path).map_err(|source| LoadRefused::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    toml::from_str::<File>(&text)
        .map_err(|error| locate(&text, &error))
        .and_then(|file| file.settle(folder, state_dir))
        .map_err(|reason| LoadRefused::configuration(path, reason))
}

impl File {
    fn settle(self, folder: &Path, state_dir: &Path) -> Result<RuntimeConfig, String> {
        // Spin resolves the paths of key-value stores against the file's folder, and those of
        // databases against the working directory.
        let key_value = settle_stores("key_value_store", self.key_value_store, |path| {
            folder.join(path)
        });
        let sqlite = settle_stores("sqlite_database", self.sqlite_database, |path| path);
        let or_default = |mut stores: BTreeMap<String, PathBuf>, file: &str| {
            stores
                .entry(DEFAULT_LABEL.to_owned())
                .or_insert_with(|| state_dir.join(file));
            stores
        };
        Ok(RuntimeConfig {
            key_value: or_default(key_value?, "sqlite_key_value.db"),
            sqlite: or_default(sqlite?, "sqlite_db.db"),
            variables: self
                .variables_provider
                .into_iter()
                .map(Provider::settle)
                .collect::<Result<_, _>>()?,
            blocked: BlockedNetworks::parse(&self.outbound_networking.block_networks)
                .map_err(|refused| format!("[outbound_networking] block_networks: {refused}"))?,
            client_tls: self
                .client_tls
                .into_iter()
                .map(|written| written.settle(folder))
                .collect::<Result<_, _>>()?,
            max_instance_memory: self.max_instance_memory,
        })
    }
}

impl Provider {
    fn settle(self) -> Result<BTreeMap<String, String>, String> {
        match self.r#type.as_str() {
            "static" => Ok(self.values),
            other => Err(format!(
                "[[variables_provider]] of type {other:?} needs Spin; \"static\" is served here"
            )),
        }
    }
}

fn settle_stores(
    table: &str,
    stores: BTreeMap<String, Store>,
    resolve: impl Fn(PathBuf) -> PathBuf,
) -> Result<BTreeMap<String, PathBuf>, String> {
    let settle = |(label, store): (String, Store)| match (store.r#type.as_str(), store.path) {
        ("spin", Some(path)) => Ok((label, resolve(path))),
        ("spin", None) => Err(format!("[{table}.{label}] needs a path")),
        (other, _) => Err(format!(
            "[{table}.{label}] of type {other:?} needs Spin; \"spin\" is served here"
        )),
    };
    stores.into_iter().map(settle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(text: &str) -> Result<RuntimeConfig, String> {
        let file: File = toml::from_str(text).map_err(|error| locate(text, &error))?;
        file.settle(Path::new("/etc/app"), Path::new("/state"))
    }

    #[test]
    fn the_default_stores_live_in_the_state_folder() {
        let config = settle("").expect("nothing is required");
        assert_eq!(
            config.key_value["default"],
            Path::new("/state/sqlite_key_value.db")
        );
        assert_eq!(config.sqlite["default"], Path::new("/state/sqlite_db.db"));
        assert_eq!(config.max_instance_memory, None);
    }

    #[test]
    fn stores_providers_and_limits_are_read() {
        let config = settle(
            r#"
            max_instance_memory = 1024
            [key_value_store.marks]
            type = "spin"
            path = "marks.db"
            [sqlite_database.default]
            type = "spin"
            path = "/data/grants.db"
            [[variables_provider]]
            type = "static"
            values = { announced = "yes" }
            [outbound_networking]
            block_networks = ["private", "203.0.113.0/24"]
            "#,
        )
        .expect("all of it is served");
        assert_eq!(config.key_value["marks"], Path::new("/etc/app/marks.db"));
        assert_eq!(config.sqlite["default"], Path::new("/data/grants.db"));
        assert_eq!(config.variables[0]["announced"], "yes");
        assert_eq!(config.max_instance_memory, Some(1024));
        assert!(
            config
                .blocked
                .blocks("203.0.113.9".parse().expect("an address"))
        );
    }

    #[test]
    fn what_is_not_served_is_refused_by_name() {
        for (text, named) in [
            ("typo = 1", "typo"),
            ("[key_value_store.a]\ntype = \"redis\"\nurl = \"u\"", "url"),
            ("[key_value_store.a]\ntype = \"redis\"", "redis"),
            ("[sqlite_database.a]\ntype = \"libsql\"", "libsql"),
            ("[sqlite_database.a]\ntype = \"spin\"", "sqlite_database.a"),
            ("[[variables_provider]]\ntype = \"vault\"", "vault"),
            (
                "[outbound_networking]\nblock_networks = [\"privat\"]",
                "privat",
            ),
            (
                "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = [\"h\"]\nca_use_webpki_roots = true",
                "ca_use_webpki_roots",
            ),
            (
                "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = []\nca_roots_file = \"f\"",
                "hosts",
            ),
            (
                "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = [\"h:1\"]\nca_roots_file = \"f\"",
                "h:1",
            ),
            (
                "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = [\"h\"]\nca_roots_file = \"f\"",
                "/etc/app/f",
            ),
            (
                "[outbound_http]\nconnection_pooling = true",
                "outbound_http",
            ),
        ] {
            let reason = settle(text).expect_err(text);
            assert!(reason.contains(named), "{text}: {reason}");
        }
    }
}
