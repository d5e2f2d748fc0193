//! How a host is started.
//!
//! *Invariant:* both kinds of host get the same manifest, state, variables and settings.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// Which program serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The runner in this workspace.
    Postern,
    /// The Spin binary at this path.
    Spin(PathBuf),
}

impl Kind {
    /// What `POSTERN_SPIN` asks for.
    #[must_use]
    pub fn of_this_run() -> Self {
        std::env::var_os("POSTERN_SPIN").map_or(Self::Postern, |path| Self::Spin(path.into()))
    }

    /// Tells and returns false on Spin, for a behaviour that only the runner promises.
    #[must_use]
    pub fn is_postern_or_skipped(reason: &str) -> bool {
        let postern = Self::of_this_run() == Self::Postern;
        if !postern {
            eprintln!("skipped on Spin: {reason}");
        }
        postern
    }

    pub(super) fn program(&self, postern: &Path) -> PathBuf {
        match self {
            Self::Postern => postern.to_owned(),
            Self::Spin(path) => path.clone(),
        }
    }
}

/// Everything a host is started with; what is left out is made for it and removed with it.
#[derive(Clone, Debug)]
pub struct Options {
    manifest: PathBuf,
    pub(super) state_dir: Option<PathBuf>,
    runtime_config: Option<String>,
    variables: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    env_file: Option<PathBuf>,
}

impl Options {
    /// Serves this manifest.
    #[must_use]
    pub fn new(manifest: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            state_dir: None,
            runtime_config: None,
            variables: BTreeMap::new(),
            environment: BTreeMap::new(),
            env_file: None,
        }
    }

    /// Keeps the stores here, where another host may find them.
    #[must_use]
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }

    /// Gives the text of a runtime configuration, in place of the one beside the manifest.
    #[must_use]
    pub fn runtime_config(mut self, toml: impl Into<String>) -> Self {
        self.runtime_config = Some(toml.into());
        self
    }

    /// Gives an application variable, as `--variable` does.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Gives a variable of the process environment.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Gives what a `.env` file sets as the process environment, as a service is given its
    /// secrets; the file is read at each start.
    #[must_use]
    pub fn env_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.env_file = Some(path.into());
        self
    }

    pub(super) fn apply(
        &self,
        command: &mut Command,
        state_dir: &Path,
        scratch: &Path,
    ) -> io::Result<()> {
        // Spin reads `.env` in the working directory: not this workspace's.
        command.current_dir(scratch).arg("up");
        if Kind::of_this_run() == Kind::Postern {
            command.arg("--skip-build");
        }
        command
            .arg("--from")
            .arg(&self.manifest)
            .arg("--state-dir")
            .arg(state_dir);
        // Spin takes no such file by itself.
        let beside = self.manifest.with_file_name("runtime-config.toml");
        if let Some(toml) = &self.runtime_config {
            let file = scratch.join("runtime-config.toml");
            std::fs::write(&file, toml)?;
            command.arg("--runtime-config-file").arg(file);
        } else if Kind::of_this_run() != Kind::Postern && beside.is_file() {
            command.arg("--runtime-config-file").arg(beside);
        }
        for (name, value) in &self.variables {
            command.arg("--variable").arg(format!("{name}={value}"));
        }
        if let Some(path) = &self.env_file {
            let read = || dotenvy::from_path_iter(path)?.collect::<Result<Vec<_>, _>>();
            command.envs(read().map_err(io::Error::other)?);
        }
        command.envs(&self.environment);
        Ok(())
    }
}
