//! Revocation marks in a set.

use host::{Marks, Unavailable};
use oauth::Mark;

use crate::MemoryHost;

impl Marks for MemoryHost {
    async fn mark(&self, mark: &Mark) -> Result<(), Unavailable> {
        self.store()?.marks.borrow_mut().insert(mark.clone());
        Ok(())
    }

    async fn is_marked(&self, mark: &Mark) -> Result<bool, Unavailable> {
        Ok(self.store()?.marks.borrow().contains(mark))
    }

    async fn unmark(&self, mark: &Mark) -> Result<(), Unavailable> {
        self.store()?.marks.borrow_mut().remove(mark);
        Ok(())
    }
}
