//! Revocation marks in the key-value store.

use host::{Marks, Unavailable};
use oauth::grant::GrantId;
use spin_sdk::key_value::Store;

use crate::SpinHost;
use crate::audit::unavailable;

const STORE: &str = "default";

/// Keys are of `[A-Za-z0-9:_-]`, which every store Spin speaks to takes.
fn key(grant: &GrantId) -> String {
    format!("revoked:{}", grant.as_str())
}

impl Marks for SpinHost {
    async fn revoke_grant(&self, grant: &GrantId) -> Result<(), Unavailable> {
        let failed = |error| unavailable("key-value store", &error);
        let store = Store::open(STORE).await.map_err(failed)?;
        store.set(key(grant), b"1").await.map_err(failed)
    }

    async fn is_revoked(&self, grant: &GrantId) -> Result<bool, Unavailable> {
        let failed = |error| unavailable("key-value store", &error);
        let store = Store::open(STORE).await.map_err(failed)?;
        store.exists(key(grant)).await.map_err(failed)
    }
}
