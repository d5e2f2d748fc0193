//! Revocation marks in the key-value store.

use host::{Marks, Unavailable};
use oauth::Mark;
use spin_sdk::key_value::{Error, Store};

use crate::SpinHost;
use crate::audit::unavailable;

const STORE: &str = "default";

fn failed(error: &Error) -> Unavailable {
    unavailable("key-value store", error)
}

async fn store() -> Result<Store, Unavailable> {
    Store::open(STORE).await.map_err(|error| failed(&error))
}

impl Marks for SpinHost {
    async fn mark(&self, mark: &Mark) -> Result<(), Unavailable> {
        store()
            .await?
            .set(mark.key(), b"1")
            .await
            .map_err(|error| failed(&error))
    }

    async fn is_marked(&self, mark: &Mark) -> Result<bool, Unavailable> {
        store()
            .await?
            .exists(mark.key())
            .await
            .map_err(|error| failed(&error))
    }

    async fn unmark(&self, mark: &Mark) -> Result<(), Unavailable> {
        store()
            .await?
            .delete(mark.key())
            .await
            .map_err(|error| failed(&error))
    }
}
