//! What an operator sets, as a port.
//!
//! *Invariant:* a flow reads its variables once per instance, before its first request, and a
//! refusal names the variable, never its value.

use crate::Unavailable;

/// Why a variable cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableRefused {
    /// It must be set, and is not.
    #[error("the variable `{0}` is not set: create keys with `postern init --dev`")]
    Missing(String),
    /// It cannot be read.
    #[error("the variable `{0}` cannot be read right now")]
    Unavailable(String),
}

/// The component's own variables, as its manifest lists them.
pub trait Variables {
    /// The value of `name`: nothing where the manifest gives this component no such variable.
    ///
    /// Taking a variable that cannot be read for one that is not set could turn a public server
    /// into a development one; so that is `Unavailable`.
    async fn variable(&self, name: &str) -> Result<Option<String>, Unavailable>;

    /// A variable that may be missing; empty counts as missing.
    async fn optional(&self, name: &str) -> Result<Option<String>, VariableRefused> {
        let value = self.variable(name).await;
        let value = value.map_err(|Unavailable| VariableRefused::Unavailable(name.to_owned()))?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// A variable that must be there.
    async fn required(&self, name: &str) -> Result<String, VariableRefused> {
        let value = self.optional(name).await?;
        value.ok_or_else(|| VariableRefused::Missing(name.to_owned()))
    }
}
