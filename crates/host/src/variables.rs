//! What an operator sets, as a port.
//!
//! *Invariant:* a flow reads its variables once per instance, before its first request.

/// The component's own variables, as its manifest lists them.
pub trait Variables {
    /// The value of `name`: nothing where the manifest gives this component no such variable.
    async fn variable(&self, name: &str) -> Option<String>;
}
