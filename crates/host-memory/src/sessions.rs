//! Browser sessions in a map.

use host::{Sessions, Unavailable};
use oauth::Timestamp;
use oauth::session::{Session, SessionId};

use crate::MemoryHost;

impl Sessions for MemoryHost {
    async fn find_session(&self, id: &SessionId) -> Result<Option<Session>, Unavailable> {
        Ok(self.store()?.sessions.borrow().get(id).cloned())
    }

    async fn end_session(&self, id: &SessionId) -> Result<(), Unavailable> {
        self.store()?.sessions.borrow_mut().remove(id);
        Ok(())
    }

    async fn sweep_sessions(&self, expired: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let mut sessions = self.store()?.sessions.borrow_mut();
        let over = sessions
            .values()
            .filter(|session| session.expires_at < expired);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let over: Vec<SessionId> = over.take(limit).map(|session| session.id.clone()).collect();
        sessions.retain(|id, _| !over.contains(id));
        Ok(())
    }
}
