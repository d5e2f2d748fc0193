//! What each component is granted, checked against what exists.
//!
//! *Invariant:* a label, host or component that is granted exists.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Settings;
use crate::{
    LoadRefused,
    allowed_hosts::AllowedHost,
    assets,
    guest::Grants,
    key_value::KeyValueFile,
    logs::Logs,
    manifest::{Component, Manifest},
    runtime_config::RuntimeConfig,
    sqlite, template, variables,
};

/// Where grants come from.
pub(super) struct Granting<'a> {
    pub(super) settings: &'a Settings,
    pub(super) folder: &'a Path,
    pub(super) config: &'a RuntimeConfig,
    pub(super) values: &'a BTreeMap<String, String>,
}

/// Files that several components share, opened once.
#[derive(Default)]
struct Opened {
    stores: HashMap<PathBuf, Arc<KeyValueFile>>,
    databases: HashMap<PathBuf, Arc<Path>>,
}

impl Granting<'_> {
    /// Grants to every component that answers requests what its table says.
    pub(super) fn grant(&self, manifest: &Manifest) -> Result<Vec<Grants>, LoadRefused> {
        let mut opened = Opened::default();
        manifest
            .triggered()
            .map(|(id, component)| self.grant_one(manifest, (id, component), &mut opened))
            .collect()
    }

    fn grant_one(
        &self,
        manifest: &Manifest,
        (id, component): (&String, &Component),
        opened: &mut Opened,
    ) -> Result<Grants, LoadRefused> {
        let logs = Logs::open(&self.settings.state_dir, id)?;
        let seen = variables::of_component(&component.variables, self.values)
            .map_err(|(name, refused)| self.refused(id, &format!("variables.{name}: {refused}")))?;
        let files = assets::gather(self.folder, &self.settings.state_dir, &component.files)
            .map_err(|reason| LoadRefused::component(id, reason))?;
        Ok(Grants {
            component: id.clone(),
            variables: seen,
            stores: self.stores(id, component, opened)?,
            databases: self.databases(id, component, opened)?,
            allowed_hosts: self.hosts(manifest, id, component)?,
            environment: component.environment.clone().into_iter().collect(),
            files,
            logs,
            max_memory: self.config.max_instance_memory,
        })
    }

    fn refused(&self, id: &str, reason: &str) -> LoadRefused {
        LoadRefused::configuration(
            &self.settings.manifest,
            format!("[component.{id}] {reason}"),
        )
    }

    fn stores(
        &self,
        id: &str,
        component: &Component,
        opened: &mut Opened,
    ) -> Result<HashMap<String, Arc<KeyValueFile>>, LoadRefused> {
        let mut stores = HashMap::new();
        for label in &component.key_value_stores {
            let path = self
                .config
                .key_value
                .get(label)
                .ok_or_else(|| self.no_label(id, "key_value_store", label))?;
            let file = match opened.stores.get(path) {
                Some(file) => file.clone(),
                None => {
                    make_folder_of(path)?;
                    Arc::new(KeyValueFile::open(path).map_err(|error| unusable(path, &error))?)
                }
            };
            opened.stores.insert(path.clone(), file.clone());
            stores.insert(label.clone(), file);
        }
        Ok(stores)
    }

    fn databases(
        &self,
        id: &str,
        component: &Component,
        opened: &mut Opened,
    ) -> Result<HashMap<String, Arc<Path>>, LoadRefused> {
        let mut databases = HashMap::new();
        for label in &component.sqlite_databases {
            let path = self
                .config
                .sqlite
                .get(label)
                .ok_or_else(|| self.no_label(id, "sqlite_database", label))?;
            let shared = match opened.databases.get(path) {
                Some(shared) => shared.clone(),
                None => {
                    make_folder_of(path)?;
                    sqlite::probe(path).map_err(|error| unusable(path, &error))?;
                    Arc::from(path.as_path())
                }
            };
            opened.databases.insert(path.clone(), shared.clone());
            databases.insert(label.clone(), shared);
        }
        Ok(databases)
    }

    fn no_label(&self, id: &str, table: &str, label: &str) -> LoadRefused {
        self.refused(
            id,
            &format!("{table}s {label:?}: add [{table}.{label}] to the runtime configuration"),
        )
    }

    fn hosts(
        &self,
        manifest: &Manifest,
        id: &str,
        component: &Component,
    ) -> Result<Vec<AllowedHost>, LoadRefused> {
        let mut hosts = Vec::new();
        for entry in &component.allowed_outbound_hosts {
            // The entry as written: an expanded one may show a variable's value.
            let refused = |reason: &dyn std::fmt::Display| {
                self.refused(id, &format!("allowed_outbound_hosts {entry:?}: {reason}"))
            };
            let expanded =
                template::expand(entry, self.values).map_err(|reason| refused(&reason))?;
            let Some(host) = AllowedHost::parse(&expanded).map_err(|reason| refused(&reason))?
            else {
                continue;
            };
            if let Some(callee) = host.chained_component()
                && !manifest.triggered().any(|(id, _)| id == callee)
            {
                return Err(refused(&format!(
                    "no [[trigger.http]] serves a component {callee:?}"
                )));
            }
            hosts.push(host);
        }
        Ok(hosts)
    }
}

fn make_folder_of(path: &Path) -> Result<(), LoadRefused> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|source| LoadRefused::StateFolder {
        path: folder.to_owned(),
        source,
    })
}

fn unusable(path: &Path, error: &rusqlite::Error) -> LoadRefused {
    LoadRefused::Database {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
