//! The project: where spin.toml is, and the few things in it that `postern` itself needs.
//!
//! *Invariant:* it reads and judges nothing else: the runner refuses what it does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

const MANIFEST: &str = "spin.toml";
const RUNTIME_CONFIG: &str = "runtime-config.toml";

/// A manifest that was found and read.
#[derive(Debug)]
pub(crate) struct Project {
    /// Absolute.
    pub(crate) manifest: PathBuf,
    /// The folder of the manifest: sources, `.env` and the default state folder are in it.
    pub(crate) root: PathBuf,
    /// Names under `[variables]`.
    pub(crate) variables: Vec<String>,
    /// Every WebAssembly file that the manifest names, the dependencies of components included.
    pub(crate) modules: Vec<Module>,
    /// How many components answer requests.
    pub(crate) served: usize,
    /// What components see as `/postern.toml`.
    pub(crate) configuration: Option<PathBuf>,
}

/// A WebAssembly file that the manifest names.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Module {
    /// Absolute.
    pub(crate) wasm: PathBuf,
    /// What `[component.x.build]` says makes it.
    pub(crate) command: Option<String>,
}

impl Project {
    /// The project that `--manifest` names, or the one around `start`.
    pub(crate) fn find(named_by_hand: Option<&Path>, start: &Path) -> Result<Self> {
        let manifest = match named_by_hand {
            Some(path) => named(&start.join(path))?,
            None => start.ancestors().map(|folder| folder.join(MANIFEST)).find(|m| m.is_file()).with_context(
                || format!("no {MANIFEST} in {} or a folder above it: go into the project, or name it with --manifest PATH", start.display()),
            )?,
        };
        Self::read(manifest)
    }

    fn read(manifest: PathBuf) -> Result<Self> {
        let text = std::fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        let Document {
            variables,
            component,
            trigger,
        } = toml::from_str(&text)
            .with_context(|| format!("{} is not a Spin manifest", manifest.display()))?;
        let root = manifest.parent().unwrap_or(Path::new("/")).to_owned();
        let mounted = component.values().flat_map(|component| &component.files);
        let configuration = mounted
            .filter_map(File::source)
            .map(|source| root.join(source))
            .next();
        let mut modules: Vec<Module> = component
            .into_values()
            .flat_map(Component::modules)
            .map(|(path, command)| Module {
                wasm: root.join(path),
                command,
            })
            .collect();
        // A file with a command sorts after the same file without one; the command is kept.
        modules.sort_by(|a, b| b.cmp(a));
        modules.dedup_by(|a, b| a.wasm == b.wasm);
        modules.reverse();
        let named = trigger
            .http
            .iter()
            .filter_map(|trigger| trigger.component.as_ref()?.as_str());
        let served = named.collect::<BTreeSet<_>>().len();
        Ok(Self {
            root,
            manifest,
            modules,
            served,
            configuration,
            variables: variables.into_keys().collect(),
        })
    }

    /// Whether the manifest declares this variable.
    pub(crate) fn declares(&self, variable: &str) -> bool {
        self.variables.iter().any(|declared| declared == variable)
    }

    /// The runtime configuration beside the manifest, which Spin takes only when it is named.
    pub(crate) fn runtime_config(&self) -> Option<PathBuf> {
        let file = self.root.join(RUNTIME_CONFIG);
        file.is_file().then_some(file)
    }

    /// The file that plain `spin up` reads variables from.
    pub(crate) fn env_file(&self) -> PathBuf {
        self.root.join(".env")
    }
}

/// What `--manifest` names: the manifest, or the folder it is in.
fn named(path: &Path) -> Result<PathBuf> {
    let file = if path.is_dir() {
        path.join(MANIFEST)
    } else {
        path.to_owned()
    };
    if !file.is_file() {
        bail!(
            "--manifest names {}, and there is no manifest there",
            file.display()
        );
    }
    file.canonicalize()
        .with_context(|| format!("cannot read {}", file.display()))
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    trigger: Triggers,
    #[serde(default)]
    variables: BTreeMap<String, toml::Value>,
    #[serde(default)]
    component: BTreeMap<String, Component>,
}

#[derive(Default, Deserialize)]
struct Triggers {
    #[serde(default)]
    http: Vec<Trigger>,
}

#[derive(Deserialize)]
struct Trigger {
    component: Option<toml::Value>,
}

#[derive(Deserialize)]
struct Component {
    source: Source,
    build: Option<Build>,
    #[serde(default)]
    files: Vec<File>,
    #[serde(default)]
    dependencies: BTreeMap<String, Source>,
}

/// What a component sees: a pattern of files, or a file or folder at another place.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Pattern(String),
    Placed { source: String, destination: String },
}

impl File {
    /// Where `/postern.toml` is, if this is it.
    fn source(&self) -> Option<&str> {
        match self {
            Self::Pattern(path) => (format!("/{path}") == configuration::PATH).then_some(path),
            Self::Placed {
                source,
                destination,
            } => (destination == configuration::PATH).then_some(source),
        }
        .map(String::as_str)
    }
}

#[derive(Deserialize)]
struct Build {
    command: Commands,
}

/// `command = "…"` or `command = ["…", "…"]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Commands {
    One(String),
    Several(Vec<String>),
}

/// Where a component or dependency comes from. Only files are of interest here: a URL, a
/// registry or another component of the manifest gives nothing to build.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    File(String),
    Table { path: Option<String> },
}

impl Source {
    fn path(self) -> Option<String> {
        match self {
            // The short form of a dependency is a version, never a file.
            Self::File(path) => path.ends_with(".wasm").then_some(path),
            Self::Table { path } => path,
        }
    }
}

impl Component {
    fn modules(self) -> Vec<(String, Option<String>)> {
        let command = self.build.map(|build| match build.command {
            Commands::One(command) => command,
            Commands::Several(commands) => commands.join(" && "),
        });
        let own = self.source.path().map(|path| (path, command));
        let dependencies = self.dependencies.into_values().filter_map(Source::path);
        own.into_iter()
            .chain(dependencies.map(|path| (path, None)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_LOGINS: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "t"
        [variables]
        dev_key = { default = "", secret = true }
        [[trigger.http]]
        route = "/a"
        component = "login-a"
        [[trigger.http]]
        route = "/b"
        component = "login-a"
        [component.gateway]
        source = "target/wasm32-wasip2/release/gateway.wasm"
        dependencies."postern:toolset/tools" = { path = "target/wasm32-wasip2/release/toolbox.wasm" }
        dependencies."a:b/c" = ">=1.0.0"
        [component.login-a]
        source = "target/wasm32-wasip2/release/login.wasm"
        build.command = "cargo build -p login"
        [component.login-b]
        source = "target/wasm32-wasip2/release/login.wasm"
        [component.remote]
        source = { url = "https://example.com/x.wasm", digest = "sha256:00" }
    "#;

    fn project(text: &str) -> (tempfile::TempDir, Result<Project>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("deep/er")).unwrap();
        std::fs::write(folder.path().join(MANIFEST), text).unwrap();
        let found = Project::find(None, &folder.path().join("deep/er"));
        (folder, found)
    }

    #[test]
    fn a_manifest_is_found_from_a_folder_below_it() {
        let (folder, found) = project(TWO_LOGINS);
        let found = found.unwrap();
        assert_eq!(found.root, folder.path());
        assert!(found.declares("dev_key") && !found.declares("public_url"));
    }

    #[test]
    fn each_file_is_named_once_and_keeps_its_command() {
        let (_folder, found) = project(TWO_LOGINS);
        let Project {
            modules, served, ..
        } = found.unwrap();
        let stems: Vec<_> = modules
            .iter()
            .map(|m| m.wasm.file_stem().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(stems, ["gateway", "login", "toolbox"]);
        assert_eq!(served, 1, "one component has both routes");
        assert_eq!(modules[1].command.as_deref(), Some("cargo build -p login"));
    }

    #[test]
    fn the_file_of_decisions_is_the_one_that_components_see() {
        for (files, expected) in [
            ("", None),
            ("files = [\"assets/*\"]", None),
            ("files = [\"postern.toml\"]", Some("postern.toml")),
            (
                "files = [\"*.md\", { source = \"ours.toml\", destination = \"/postern.toml\" }]",
                Some("ours.toml"),
            ),
            (
                "files = [{ source = \"postern.toml\", destination = \"/else.toml\" }]",
                None,
            ),
        ] {
            let text = format!("[component.x]\nsource = \"x.wasm\"\n{files}\n");
            let (folder, found) = project(&text);
            let expected = expected.map(|file| folder.path().join(file));
            assert_eq!(found.unwrap().configuration, expected, "{files}");
        }
    }

    #[test]
    fn from_takes_a_file_or_its_folder() {
        let (folder, _) = project(TWO_LOGINS);
        let elsewhere = Path::new("/");
        for from in [folder.path().to_owned(), folder.path().join(MANIFEST)] {
            let found = Project::find(Some(&from), elsewhere).unwrap();
            assert_eq!(
                found.manifest,
                folder.path().canonicalize().unwrap().join(MANIFEST)
            );
        }
    }

    #[test]
    fn a_missing_or_broken_manifest_is_named_with_the_fix() {
        let empty = tempfile::tempdir().unwrap();
        let missing = Project::find(None, empty.path()).unwrap_err().to_string();
        assert!(
            missing.contains("spin.toml") && missing.contains("--manifest"),
            "{missing}"
        );

        let named = Project::find(Some(Path::new("gone.toml")), empty.path()).unwrap_err();
        assert!(named.to_string().contains("gone.toml"), "{named}");

        let (_folder, broken) = project("[component.x]\nsource = 3");
        let broken = format!("{:#}", broken.unwrap_err());
        assert!(
            broken.contains("spin.toml") && broken.contains("line 2"),
            "{broken}"
        );
    }
}
