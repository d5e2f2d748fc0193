//! The grants table in a map.

use host::{Advanced, Grants, Pended, Spent, Unavailable};
use oauth::Timestamp;
use oauth::grant::{Grant, GrantId, GrantState};
use oauth::refresh::Uses;

use crate::MemoryHost;

impl Grants for MemoryHost {
    async fn pend(&self, grant: &Grant) -> Result<Pended, Unavailable> {
        let mut grants = self.store()?.grants.borrow_mut();
        if grants
            .values()
            .any(|known| known.transaction == grant.transaction)
        {
            return Ok(Pended::Before);
        }
        grants.insert(grant.id.clone(), grant.clone());
        Ok(Pended::Now)
    }

    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, Unavailable> {
        Ok(self.store()?.grants.borrow().get(id).cloned())
    }

    async fn spend(&self, id: &GrantId, now: Timestamp) -> Result<Spent, Unavailable> {
        let mut grants = self.store()?.grants.borrow_mut();
        match grants.get_mut(id) {
            Some(grant) if grant.state == GrantState::Pending => {
                grant.state = GrantState::Live { spent_at: now };
                Ok(Spent::Now)
            }
            _ => Ok(Spent::Before),
        }
    }

    async fn advance(&self, id: &GrantId, from: u64, uses: &Uses) -> Result<Advanced, Unavailable> {
        let mut grants = self.store()?.grants.borrow_mut();
        match grants.get_mut(id) {
            Some(grant)
                if matches!(grant.state, GrantState::Live { .. })
                    && grant.uses.latest() == from =>
            {
                grant.uses = uses.clone();
                Ok(Advanced::Now)
            }
            _ => Ok(Advanced::Elsewhere),
        }
    }

    async fn revoke(&self, id: &GrantId, _now: Timestamp) -> Result<(), Unavailable> {
        if let Some(grant) = self.store()?.grants.borrow_mut().get_mut(id) {
            grant.state = GrantState::Revoked;
        }
        Ok(())
    }
}
