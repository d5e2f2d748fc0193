//! Copies in the key-value store.

use host::{Cache, Unavailable};

use crate::SpinHost;
use crate::store::{failed, open};

impl Cache for SpinHost {
    async fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        open().await?.get(key).await.map_err(failed)
    }

    async fn keep(&self, key: &str, value: &[u8]) -> Result<(), Unavailable> {
        open().await?.set(key, value).await.map_err(failed)
    }

    async fn forget(&self, key: &str) -> Result<(), Unavailable> {
        open().await?.delete(key).await.map_err(failed)
    }
}
