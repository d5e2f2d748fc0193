//! The key-value store.
//!
//! *Invariant:* what the host said of a failure goes to the operator's log and no further.

use host::Unavailable;
use spin_sdk::key_value::{Error, Store};

use crate::audit::unavailable;

const STORE: &str = "default";

/// Opens the application's store.
pub(crate) async fn open() -> Result<Store, Unavailable> {
    Store::open(STORE).await.map_err(failed)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "this is the shape that `map_err` takes"
)]
pub(crate) fn failed(error: Error) -> Unavailable {
    unavailable("key-value store", &error)
}
