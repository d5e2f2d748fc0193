//! Tasks of which somebody wants to hear (SEP-2663, Notifications).
//!
//! *Invariant:* only the listener's own tasks are told of, and of each step at most once.

use std::collections::BTreeMap;
use std::time::Duration;

use host::{Clock, Entropy, Tasks};
use mcp::Refused;
use oauth::Timestamp;
use oauth::assertion::Calling;
use serde_json::{Map, Value, json};

use crate::keeper::Keeper;

/// Each of them is looked for in the store.
const LOOK: Duration = Duration::from_secs(1);

/// The tasks of one listener.
pub(super) struct Watched<'a, H, T> {
    keeper: Option<Keeper<'a, H, T>>,
    calling: &'a Calling,
    /// As they were told, or stood in the beginning.
    versions: BTreeMap<String, u64>,
    due: Timestamp,
}

impl<'a, H: Clock + Entropy, T: Tasks> Watched<'a, H, T> {
    /// Those of `ids` that are tasks of `calling`.
    pub(super) async fn begin(
        keeper: Option<Keeper<'a, H, T>>,
        ids: &[String],
        calling: &'a Calling,
    ) -> Self {
        let mut versions = BTreeMap::new();
        if let Some(keeper) = &keeper {
            for id in ids {
                if let Ok(kept) = keeper.find(id, calling).await {
                    versions.insert(kept.id, kept.version);
                }
            }
        }
        Self {
            keeper,
            calling,
            versions,
            due: Timestamp::default(),
        }
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.versions.keys().cloned().collect()
    }

    /// What is told of those that took a step.
    pub(super) async fn news(&mut self) -> Vec<Map<String, Value>> {
        let mut news = Vec::new();
        let Some(keeper) = &self.keeper else {
            return news;
        };
        if keeper.now() < self.due {
            return news;
        }
        self.due = keeper.now().plus(LOOK);
        let mut gone = Vec::new();
        for (id, version) in &mut self.versions {
            match keeper.find(id, self.calling).await {
                Ok(kept) if kept.version != *version => {
                    *version = kept.version;
                    if let Value::Object(told) = json!(kept.task.told(id)) {
                        news.push(told);
                    }
                }
                Err(Refused::TaskUnknown(_)) => gone.push(id.clone()),
                // A store that does not answer now may answer at the next turn.
                Ok(_) | Err(_) => {}
            }
        }
        self.versions.retain(|id, _| !gone.contains(id));
        news
    }
}
