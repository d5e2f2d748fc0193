//! What an instance reads once: its settings.
//!
//! *Invariant:* requests that arrive together may read twice, and all see the first result.

use std::sync::OnceLock;

use crate::SpinHost;

/// Settings, once they could be read. What was refused is read again: a host that did not answer
/// may answer the next request.
#[derive(Debug)]
pub struct Once<S>(OnceLock<S>);

impl<S> Once<S> {
    /// Nothing read yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The settings, read by `read` if no request has yet, or the sentence that says why not.
    pub async fn settings<E: ToString>(
        &'static self,
        read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
    ) -> Result<&'static S, String> {
        if let Some(settings) = self.0.get() {
            return Ok(settings);
        }
        let settings = read(&SpinHost).await.map_err(|reason| reason.to_string())?;
        Ok(self.0.get_or_init(|| settings))
    }
}

impl<S> Default for Once<S> {
    fn default() -> Self {
        Self::new()
    }
}
