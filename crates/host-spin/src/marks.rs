//! Revocation marks in the key-value store.

use host::{Marks, Unavailable};
use oauth::Mark;

use crate::SpinHost;
use crate::store::{failed, open};

impl Marks for SpinHost {
    async fn mark(&self, mark: &Mark) -> Result<(), Unavailable> {
        open().await?.set(mark.key(), b"1").await.map_err(failed)
    }

    async fn is_marked(&self, mark: &Mark) -> Result<bool, Unavailable> {
        open().await?.exists(mark.key()).await.map_err(failed)
    }

    async fn unmark(&self, mark: &Mark) -> Result<(), Unavailable> {
        open().await?.delete(mark.key()).await.map_err(failed)
    }
}
