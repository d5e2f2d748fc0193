//! Copies in a map.

use host::{Cache, Unavailable};

use crate::MemoryHost;

impl Cache for MemoryHost {
    async fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        Ok(self.store()?.copies.borrow().get(key).cloned())
    }

    async fn keep(&self, key: &str, value: &[u8]) -> Result<(), Unavailable> {
        let mut copies = self.store()?.copies.borrow_mut();
        copies.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), Unavailable> {
        self.store()?.copies.borrow_mut().remove(key);
        Ok(())
    }
}
