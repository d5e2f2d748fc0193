//! Copies in the key-value store.

use host::{Cache, Unavailable};
use spin_sdk::key_value::{Error, Store};

use crate::SpinHost;
use crate::audit::unavailable;

const STORE: &str = "default";

async fn open() -> Result<Store, Unavailable> {
    Store::open(STORE).await.map_err(failed)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "this is the shape that `map_err` takes"
)]
fn failed(error: Error) -> Unavailable {
    unavailable("key-value store", &error)
}

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
