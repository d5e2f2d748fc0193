//! Where the tasks of one server are kept.
//!
//! *Invariant:* whoever asks for the task of another person, another client or another server is
//! told the same as for one that never was.

use host::{Begun, Clock, Entropy, Stepped, TaskRow, Tasks, Unavailable};
use jose::SealKeys;
use mcp::Refused;
use oauth::Timestamp;
use oauth::assertion::Calling;

use crate::settings::Shared;
use crate::task::Task;

/// So many that are over are removed when one begins.
const SWEPT: u32 = 16;

/// A server's tasks on a host.
pub(crate) struct Keeper<'a, H, T> {
    host: &'a H,
    store: T,
    keys: &'a SealKeys<Task>,
    component: &'static str,
}

/// A task as it is kept at one version.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) task: Task,
}

impl<'a, H: Clock + Entropy, T: Tasks> Keeper<'a, H, T> {
    pub(crate) fn new<S>(
        shared: &'a Shared<S>,
        host: &'a H,
        store: Option<T>,
    ) -> Result<Self, Refused> {
        Ok(Self {
            host,
            store: store.ok_or(Refused::Failed("has no place for tasks"))?,
            keys: &shared.tasks,
            component: shared.component,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.host.now()
    }

    pub(crate) async fn begin(&self, task: Task) -> Result<Kept, Refused> {
        let (id, now) = (jose::encode(self.host.random::<24>()), self.now());
        let swept = self.store.sweep_tasks(now, SWEPT).await;
        swept.map_err(unavailable)?;
        let row = TaskRow {
            owner: self.owner(&task.calling),
            version: 0,
            sealed: self.seal(&id, &task).map_err(unavailable)?,
            expires_at: task.expires_at(),
            id,
        };
        let begun = self.store.begin_task(&row, now).await;
        match begun.map_err(unavailable)? {
            Begun::Now => Ok(Kept {
                id: row.id,
                version: 0,
                task,
            }),
            Begun::Full => Err(Refused::Failed(
                "keeps too many tasks of this person's: wait until some have expired",
            )),
        }
    }

    /// The task of `calling` with this id, as it stands now.
    pub(crate) async fn find(&self, id: &str, calling: &Calling) -> Result<Kept, Refused> {
        let unknown = || Refused::TaskUnknown(id.to_owned());
        loop {
            let found = self.store.find_task(id).await.map_err(unavailable)?;
            let row = found.ok_or_else(unknown)?;
            let task = self.keys.open(&row.sealed, &self.context(id));
            let kept = Kept {
                id: row.id,
                version: row.version,
                task: task.map_err(|_| unknown())?,
            };
            let now = self.now();
            if !kept.task.is_of(calling) || kept.task.expires_at() <= now {
                return Err(unknown());
            }
            let Some(failed) = kept.task.clone().overdue(now) else {
                return Ok(kept);
            };
            // Written down: whoever still worked on it must not complete what was told to have
            // failed.
            if let Ok(kept) = self.step(&kept, failed).await.map_err(unavailable)? {
                return Ok(kept);
            }
        }
    }

    /// Takes a step; where somebody else was first, says so.
    pub(crate) async fn step(
        &self,
        from: &Kept,
        task: Task,
    ) -> Result<Result<Kept, Moved>, Unavailable> {
        let (id, sealed) = (from.id.clone(), self.seal(&from.id, &task)?);
        let stepped = self.store.step_task(&id, from.version, &sealed).await?;
        Ok(match stepped {
            Stepped::Now => Ok(Kept {
                id,
                version: from.version.saturating_add(1),
                task,
            }),
            Stepped::Elsewhere => Err(Moved),
        })
    }

    /// Whether a task is still as it was.
    pub(crate) async fn stands(&self, kept: &Kept) -> Result<bool, Unavailable> {
        let found = self.store.find_task(&kept.id).await?;
        Ok(found.is_some_and(|row| row.version == kept.version))
    }

    fn seal(&self, id: &str, task: &Task) -> Result<String, Unavailable> {
        let sealed = self.keys.seal(task, self.host.random(), &self.context(id));
        sealed.ok_or(Unavailable)
    }

    /// What one row holds is sealed for that row.
    fn context(&self, id: &str) -> String {
        [self.component, "/", id].concat()
    }

    fn owner(&self, calling: &Calling) -> String {
        let subject = calling.person.subject.as_str();
        let text = [self.component, "/", subject].concat();
        jose::encode(jose::sha256(text.as_bytes()))
    }
}

/// Somebody else took a step before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved;

fn unavailable(Unavailable: Unavailable) -> Refused {
    Refused::Failed("cannot answer right now")
}
