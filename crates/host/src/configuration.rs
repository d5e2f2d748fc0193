//! What an operator decides in files, as a port.
//!
//! *Invariant:* a file is read once per instance, before its first request.

/// The files that the manifest mounts into this component.
pub trait Configuration {
    /// The text of the file at `path`: nothing where there is none, or it is no text.
    async fn file(&self, path: &str) -> Option<String>;
}
