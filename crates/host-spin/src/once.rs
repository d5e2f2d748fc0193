//! What an instance reads once: its settings.
//!
//! *Invariant:* requests that arrive together may read twice, and all see the first result.

use std::sync::OnceLock;

use crate::SpinHost;

/// Settings, or the sentence that says why there are none.
#[derive(Debug)]
pub struct Once<S>(OnceLock<Result<S, String>>);

impl<S> Once<S> {
    /// Nothing read yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The settings, read by `read` if this is the first request.
    pub async fn settings<E: ToString>(
        &'static self,
        read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
    ) -> Result<&'static S, &'static str> {
        let read_before = match self.0.get() {
            Some(settings) => settings,
            None => {
                let settings = read(&SpinHost).await.map_err(|reason| reason.to_string());
                self.0.get_or_init(|| settings)
            }
        };
        read_before.as_ref().map_err(String::as_str)
    }
}

impl<S> Default for Once<S> {
    fn default() -> Self {
        Self::new()
    }
}
