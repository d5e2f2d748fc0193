//! Revocation marks in a set.

use host::{Marks, Unavailable};
use oauth::grant::GrantId;

use crate::MemoryHost;

impl Marks for MemoryHost {
    async fn revoke_grant(&self, grant: &GrantId) -> Result<(), Unavailable> {
        self.store()?.marks.borrow_mut().insert(grant.clone());
        Ok(())
    }

    async fn is_revoked(&self, grant: &GrantId) -> Result<bool, Unavailable> {
        Ok(self.store()?.marks.borrow().contains(grant))
    }
}
