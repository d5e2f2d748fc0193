//! The grants table in a map.

use host::{Advanced, Beginning, Credential, Grants, Pended, Place, Spent, Unavailable};
use oauth::approval::Approval;
use oauth::grant::{Grant, GrantId, GrantState, Horizon};
use oauth::refresh::Uses;
use oauth::{Scopes, Timestamp};

use crate::{MemoryHost, vault};

impl Grants for MemoryHost {
    async fn pend(&self, beginning: Beginning<'_>) -> Result<Pended, Unavailable> {
        let Beginning {
            grant,
            credential,
            session,
        } = beginning;
        let store = self.store()?;
        let mut grants = store.grants.borrow_mut();
        if grants
            .values()
            .any(|known| known.transaction == grant.transaction)
        {
            return Ok(Pended::Before);
        }
        grants.insert(grant.id.clone(), grant.clone());
        if let Some((service, sealed)) = credential {
            let subject = &grant.person.subject;
            let new = Credential {
                sealed: sealed.to_owned(),
                person: grant.person.clone(),
                read_at: grant.pended_at,
                generation: 0,
                ended: false,
            };
            vault::keep(
                &mut store.vault.borrow_mut(),
                Place { subject, service },
                new,
            );
        }
        if let Some(session) = session {
            let mut sessions = store.sessions.borrow_mut();
            sessions.insert(session.id.clone(), session.clone());
        }
        Ok(Pended::Now)
    }

    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, Unavailable> {
        Ok(self.store()?.grants.borrow().get(id).cloned())
    }

    async fn remembered(
        &self,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Vec<Scopes>, Unavailable> {
        let grants = self.store()?.grants.borrow();
        let stands = |grant: &&Grant| {
            matches!(grant.state, GrantState::Live { .. })
                && now < grant.expires_at
                && grant.person.subject == approval.subject
                && grant.client == approval.client
                && grant.redirect == approval.redirect
                && grant.resources == approval.resources
        };
        let standing = grants.values().filter(stands);
        Ok(standing.map(|grant| grant.scopes.clone()).collect())
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

    async fn revoke(&self, id: &GrantId, now: Timestamp) -> Result<(), Unavailable> {
        let store = self.store()?;
        if let Some(grant) = store.grants.borrow_mut().get_mut(id) {
            grant.state = GrantState::Revoked;
            store
                .revoked_at
                .borrow_mut()
                .entry(id.clone())
                .or_insert(now);
        }
        Ok(())
    }

    async fn sweep(&self, horizon: &Horizon, limit: u32) -> Result<Vec<GrantId>, Unavailable> {
        let store = self.store()?;
        let mut revoked_at = store.revoked_at.borrow_mut();
        let revoked = |id: &GrantId| revoked_at.get(id).is_some_and(|at| *at < horizon.revoked);
        let over = |grant: &Grant| match grant.state {
            GrantState::Pending => grant.pended_at < horizon.pended,
            GrantState::Live { .. } => grant.expires_at < horizon.expired,
            GrantState::Revoked => revoked(&grant.id),
        };
        let mut grants = store.grants.borrow_mut();
        let gone = grants.values().filter(|grant| over(grant));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let gone: Vec<GrantId> = gone.take(limit).map(|grant| grant.id.clone()).collect();
        grants.retain(|id, _| !gone.contains(id));
        Ok(gone
            .into_iter()
            .filter(|id| revoked_at.remove(id).is_some())
            .collect())
    }
}
