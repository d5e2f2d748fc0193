//! What counts once, in a map.

use host::{Admitted, Replays, Unavailable};
use oauth::Timestamp;

use crate::MemoryHost;

impl Replays for MemoryHost {
    async fn admit(&self, id: &str, until: Timestamp) -> Result<Admitted, Unavailable> {
        let mut admitted = self.store()?.admitted.borrow_mut();
        if admitted.contains_key(id) {
            return Ok(Admitted::Before);
        }
        admitted.insert(id.to_owned(), until);
        Ok(Admitted::Now)
    }

    async fn forget(&self, before: Timestamp, limit: u32) -> Result<Vec<String>, Unavailable> {
        let mut admitted = self.store()?.admitted.borrow_mut();
        let over = admitted.iter().filter(|(_, until)| **until < before);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let over: Vec<String> = over.take(limit).map(|(id, _)| id.clone()).collect();
        admitted.retain(|id, _| !over.contains(id));
        Ok(over)
    }
}
