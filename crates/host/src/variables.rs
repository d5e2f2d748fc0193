//! What an operator sets, as a port.
//!
//! *Invariant:* a flow reads its variables once per instance, before its first request.

use crate::Unavailable;

/// The component's own variables, as its manifest lists them.
pub trait Variables {
    /// The value of `name`: nothing where the manifest gives this component no such variable.
    ///
    /// Taking a variable that cannot be read for one that is not set could turn a public server
    /// into a development one; so that is `Unavailable`.
    async fn variable(&self, name: &str) -> Result<Option<String>, Unavailable>;
}
