//! Tasks in a map.

use host::{Begun, MOST_TASKS, Stepped, TaskRow, Tasks, Unavailable};
use oauth::Timestamp;

use crate::MemoryHost;

impl MemoryHost {
    /// Every task that is kept.
    #[must_use]
    pub fn kept_tasks(&self) -> Vec<TaskRow> {
        self.state.tasks.borrow().values().cloned().collect()
    }

    /// Gives two tasks each other's content, as whoever can write to a store could.
    pub fn swap_tasks(&self, one: &str, other: &str) {
        let mut tasks = self.state.tasks.borrow_mut();
        let sealed = |id| tasks.get(id).map(|task| task.sealed.clone());
        let (of_one, of_other) = (sealed(one), sealed(other));
        for (id, sealed) in [(one, of_other), (other, of_one)] {
            if let (Some(task), Some(sealed)) = (tasks.get_mut(id), sealed) {
                task.sealed = sealed;
            }
        }
    }
}

impl Tasks for MemoryHost {
    async fn begin_task(&self, task: &TaskRow, now: Timestamp) -> Result<Begun, Unavailable> {
        let mut tasks = self.store()?.tasks.borrow_mut();
        let theirs = tasks.values().filter(|kept| kept.owner == task.owner);
        if theirs.filter(|kept| now < kept.expires_at).count() >= MOST_TASKS {
            return Ok(Begun::Full);
        }
        tasks.insert(task.id.clone(), task.clone());
        Ok(Begun::Now)
    }

    async fn find_task(&self, id: &str) -> Result<Option<TaskRow>, Unavailable> {
        Ok(self.store()?.tasks.borrow().get(id).cloned())
    }

    async fn step_task(&self, id: &str, from: u64, sealed: &str) -> Result<Stepped, Unavailable> {
        let mut tasks = self.store()?.tasks.borrow_mut();
        match tasks.get_mut(id) {
            Some(task) if task.version == from => {
                task.version += 1;
                sealed.clone_into(&mut task.sealed);
                Ok(Stepped::Now)
            }
            _ => Ok(Stepped::Elsewhere),
        }
    }

    async fn sweep_tasks(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let mut tasks = self.store()?.tasks.borrow_mut();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let late = tasks.extract_if(.., |_, task| task.expires_at < over);
        late.take(limit).for_each(drop);
        Ok(())
    }
}
