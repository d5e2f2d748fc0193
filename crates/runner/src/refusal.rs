//! Why an application is not served: one variant per broken rule.
//!
//! *Invariant:* no message quotes a variable's value; each names the file or key and the fix.

use std::path::{Path, PathBuf};

/// Why [`Application::load`](crate::Application::load) refused an application.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadRefused {
    /// A file that was named cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// `spin.toml` or `runtime-config.toml` is not valid, or uses what this host does not know.
    #[error("{}: {reason}", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// The key and what to write instead.
        reason: String,
    },
    /// The dotenv file has a line that is not `NAME=value`.
    #[error("{}: {reason}; write each line as NAME=value", path.display())]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// Where it goes wrong; never the line itself, which may hold a secret.
        reason: String,
    },
    /// Required variables without a value.
    #[error(
        "required variable(s) without a value: {}; set {} in .env or in the environment",
        names.join(", "),
        names.iter().map(|name| crate::variables::env_name(name)).collect::<Vec<_>>().join(", ")
    )]
    MissingVariables {
        /// The variables' names, as `[variables]` declares them.
        names: Vec<String>,
    },
    /// A component cannot be loaded, composed or linked.
    #[error("component {component}: {reason}")]
    Component {
        /// The component's id.
        component: String,
        /// The file or key and the fix.
        reason: String,
    },
    /// The state folder cannot be written.
    #[error("state folder {} cannot be used: {source}; choose another with --state-dir", path.display())]
    StateFolder {
        /// The folder or the file in it.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A database file is not usable.
    #[error(
        "database {} cannot be opened: {reason}; if it is damaged, restore it or move it away",
        path.display()
    )]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The WebAssembly engine does not start on this machine.
    #[error("the WebAssembly engine does not start: {reason}")]
    Engine {
        /// What the engine said.
        reason: String,
    },
}

impl LoadRefused {
    pub(crate) fn configuration(path: &Path, reason: impl Into<String>) -> Self {
        Self::Configuration {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn component(component: &str, reason: impl Into<String>) -> Self {
        Self::Component {
            component: component.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn engine(reason: impl std::fmt::Display) -> Self {
        Self::Engine {
            reason: reason.to_string(),
        }
    }
}

/// Why [`Application::serve`](crate::Application::serve) ended before it was told to stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeFailed {
    /// The listener does not say where it listens.
    #[error("the listening socket is not usable: {0}")]
    Listener(std::io::Error),
    /// There is no thread to serve on.
    #[error("a thread to serve on cannot be started: {0}")]
    Thread(std::io::Error),
}
