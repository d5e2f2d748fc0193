//! `spin.toml`, as Spin 4.1 reads it.
//!
//! *Invariant:* a key that this host does not serve is refused by name, never ignored.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, de::IgnoredAny};

use crate::LoadRefused;

/// A whole manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    spin_manifest_version: i64,
    application: ApplicationTable,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) trigger: Triggers,
    #[serde(default)]
    pub(crate) component: BTreeMap<String, Component>,
}

/// `[application]`: only its name matters, and only to people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationTable {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "authors")]
    _authors: Option<Vec<String>>,
    #[serde(default)]
    trigger: toml::Table,
    #[serde(rename = "targets")]
    _targets: Option<IgnoredAny>,
    #[serde(rename = "tool")]
    _tool: Option<IgnoredAny>,
}

/// One entry of `[variables]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    #[serde(rename = "secret", default)]
    _secret: bool,
    #[serde(rename = "description")]
    _description: Option<String>,
}

/// `[[trigger.http]]`, the only trigger served here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Triggers {
    pub(crate) http: Vec<HttpTrigger>,
}

/// One `[[trigger.http]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpTrigger {
    #[serde(rename = "id")]
    _id: Option<String>,
    pub(crate) route: Route,
    pub(crate) component: Option<String>,
    executor: Option<toml::Table>,
    static_response: Option<IgnoredAny>,
    dependencies: Option<IgnoredAny>,
}

/// Where a trigger listens.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "write a route such as \"/path/...\", or { private = true }"
)]
pub(crate) enum Route {
    Pattern(String),
    Endpoint(Endpoint),
}

/// `{ private = true }`: reachable by other components only.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    private: bool,
}

/// One `[component.<id>]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    pub(crate) source: Source,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(default)]
    pub(crate) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(crate) key_value_stores: Vec<String>,
    #[serde(default)]
    pub(crate) sqlite_databases: Vec<String>,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: Vec<Mount>,
    #[serde(default)]
    pub(crate) dependencies: BTreeMap<String, Dependency>,
    #[serde(rename = "build")]
    _build: Option<Build>,
    #[serde(rename = "targets")]
    _targets: Option<IgnoredAny>,
    #[serde(rename = "tool")]
    _tool: Option<IgnoredAny>,
    exclude_files: Option<IgnoredAny>,
    ai_models: Option<IgnoredAny>,
    allowed_http_hosts: Option<IgnoredAny>,
    dependencies_inherit_configuration: Option<bool>,
    profile: Option<IgnoredAny>,
}

/// Where a component's wasm is.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "write the path of a wasm file")]
pub(crate) enum Source {
    Local(String),
    Elsewhere(IgnoredAny),
}

/// One entry of `files`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "write a path, a pattern, or { source = …, destination = … }"
)]
pub(crate) enum Mount {
    Pattern(String),
    Placement(Placement),
}

/// A file or folder under a name of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Placement {
    pub(crate) source: String,
    pub(crate) destination: String,
}

/// One entry of `[component.<id>.dependencies]`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "write { component = … } or { path = … }, and perhaps export = …"
)]
pub(crate) enum Dependency {
    Component(InApplication),
    Path(InFile),
    Elsewhere(IgnoredAny),
}

/// A dependency that is another component of the application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InApplication {
    pub(crate) component: String,
    pub(crate) export: Option<String>,
    inherit_configuration: Option<toml::Value>,
}

/// A dependency that is a wasm file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InFile {
    pub(crate) path: String,
    pub(crate) export: Option<String>,
    inherit_configuration: Option<toml::Value>,
}

/// What builds a component: for `spin build` and `postern up`, not for serving.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    #[serde(rename = "command")]
    _command: IgnoredAny,
    #[serde(rename = "workdir")]
    _workdir: Option<String>,
    #[serde(rename = "watch")]
    _watch: Option<Vec<String>>,
}

/// Reads and checks the manifest at `path`.
pub(crate) fn read(path: &Path) -> Result<Manifest, LoadRefused> {
    let text = std::fs::read_to_string(path).map_err(|source| LoadRefused::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(&text).map_err(|reason| LoadRefused::configuration(path, reason))
}

fn parse(text: &str) -> Result<Manifest, String> {
    let manifest: Manifest = toml::from_str(text).map_err(|error| locate(text, &error))?;
    manifest.check()?;
    Ok(manifest)
}

/// Says where a TOML error is without quoting the line, which may hold a secret.
pub(crate) fn locate(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim_end();
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message.to_owned(),
    }
}

impl Route {
    /// The pattern, or nothing for a private route.
    pub(crate) fn pattern(&self) -> Option<&str> {
        match self {
            Self::Pattern(pattern) => Some(pattern),
            Self::Endpoint(_) => None,
        }
    }
}

impl Manifest {
    fn check(&self) -> Result<(), String> {
        if self.spin_manifest_version != 2 {
            return Err("spin_manifest_version must be 2".into());
        }
        if let Some(key) = self.application.trigger.keys().next() {
            return Err(format!(
                "[application.trigger.{key}] is not served here; remove it"
            ));
        }
        for (name, variable) in &self.variables {
            variable.check(name)?;
        }
        for (id, component) in &self.component {
            component
                .check()
                .map_err(|reason| format!("[component.{id}] {reason}"))?;
        }
        for trigger in &self.trigger.http {
            let component = trigger.check()?;
            if !self.component.contains_key(component) {
                return Err(format!(
                    "a [[trigger.http]] names component {component:?}, which is not declared"
                ));
            }
        }
        Ok(())
    }
}

impl Variable {
    fn check(&self, name: &str) -> Result<(), String> {
        let lowercase = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.chars().all(lowercase) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(format!(
                "[variables] {name}: use lower-case letters, digits and single underscores"
            ));
        }
        if !self.required && self.default.is_none() {
            return Err(format!(
                "[variables] {name}: write required = true or a default"
            ));
        }
        if self.required && self.default.is_some() {
            return Err(format!(
                "[variables] {name}: required and default exclude each other"
            ));
        }
        Ok(())
    }
}

impl HttpTrigger {
    fn check(&self) -> Result<&str, String> {
        let http = toml::Value::from("http");
        let plain =
            |executor: &toml::Table| executor.len() == 1 && executor.get("type") == Some(&http);
        for (present, key) in [
            (
                self.executor
                    .as_ref()
                    .is_some_and(|executor| !plain(executor)),
                "executor",
            ),
            (self.static_response.is_some(), "static_response"),
            (self.dependencies.is_some(), "dependencies (middleware)"),
        ] {
            if present {
                return Err(format!(
                    "[[trigger.http]] {key} is not served here; it needs Spin"
                ));
            }
        }
        if let Route::Endpoint(Endpoint { private: false }) = self.route {
            return Err("[[trigger.http]] route: write a pattern or { private = true }".into());
        }
        self.component
            .as_deref()
            .ok_or_else(|| "[[trigger.http]] needs a component".into())
    }
}

impl Component {
    fn check(&self) -> Result<(), String> {
        for (present, key, instead) in [
            (
                matches!(self.source, Source::Elsewhere(_)),
                "source",
                "write the path of a wasm file",
            ),
            (
                self.exclude_files.is_some(),
                "exclude_files",
                "narrow the patterns in files",
            ),
            (self.ai_models.is_some(), "ai_models", "it needs Spin"),
            (
                self.allowed_http_hosts.is_some(),
                "allowed_http_hosts",
                "write allowed_outbound_hosts",
            ),
            (self.profile.is_some(), "profile", "it needs Spin"),
            (
                self.dependencies_inherit_configuration == Some(true),
                "dependencies_inherit_configuration",
                "a dependency gets no capability",
            ),
        ] {
            if present {
                return Err(format!("{key} is not served here: {instead}"));
            }
        }
        for (name, dependency) in &self.dependencies {
            dependency
                .check()
                .map_err(|reason| format!("dependencies.{name:?}: {reason}"))?;
        }
        Ok(())
    }
}

impl Dependency {
    fn check(&self) -> Result<(), String> {
        let inherit = match self {
            Self::Component(InApplication {
                inherit_configuration,
                ..
            })
            | Self::Path(InFile {
                inherit_configuration,
                ..
            }) => inherit_configuration,
            Self::Elsewhere(_) => return Err("write { component = … } or { path = … }".into()),
        };
        match inherit {
            None | Some(toml::Value::Boolean(false)) => Ok(()),
            Some(toml::Value::Array(names)) if names.is_empty() => Ok(()),
            Some(_) => Err(
                "inherit_configuration is not served here: a dependency gets no capability".into(),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
