//! The three methods that are about a task (SEP-2663).
//!
//! *Invariant:* a client that did not list the extension in this very request is refused, and what
//! a task is now is read by `tasks/get` alone: the others say no more than that they were heard.

use std::sync::Arc;

use host::{Clock, Entropy, Streams};
use mcp::{ClientCapabilities, ClientCapability, Refused};
use serde_json::{Map, Value};

use crate::Server;
use crate::keeper::Keeper;
use crate::method::Method;
use crate::results::{Nothing, Said};
use crate::settings::Shared;
use crate::wanted::Wanted;
use crate::work;

/// Answers.
pub(super) async fn answer<H, S>(
    shared: &Arc<Shared<S>>,
    host: &H,
    wanted: &Wanted,
) -> Result<Vec<u8>, Refused>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    if !ClientCapabilities::read(&wanted.meta()).has(ClientCapability::Tasks) {
        return Err(Refused::CapabilityMissing(ClientCapability::Tasks));
    }
    let id = wanted.text("taskId")?;
    let server = &shared.server;
    match wanted.method {
        Method::TasksCancel => cancel(shared, host, wanted, id).await?,
        Method::TasksUpdate => update(shared, host, wanted, id).await?,
        _ => {
            let keeper = Keeper::new(shared, host, server.keeps(host))?;
            let kept = keeper.find(id, &wanted.calling).await?;
            let told = Said::complete(server.implementation(), kept.task.told(id));
            return Ok(wanted.id.result(&told));
        }
    }
    let heard = Said::complete(server.implementation(), Nothing {});
    Ok(wanted.id.result(&heard))
}

/// Cancelling what is over changes nothing, and is no error.
async fn cancel<H, S>(
    shared: &Arc<Shared<S>>,
    host: &H,
    wanted: &Wanted,
    id: &str,
) -> Result<(), Refused>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let keeper = Keeper::new(shared, host, shared.server.keeps(host))?;
    loop {
        let kept = keeper.find(id, &wanted.calling).await?;
        let Some(task) = kept.task.clone().cancelled(keeper.now()) else {
            return Ok(());
        };
        if keeper
            .step(&kept, task)
            .await
            .map_err(super::unavailable)?
            .is_ok()
        {
            return Ok(());
        }
    }
}

/// Answers that fit nothing are as good as none.
async fn update<H, S>(
    shared: &Arc<Shared<S>>,
    host: &H,
    wanted: &Wanted,
    id: &str,
) -> Result<(), Refused>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let keeper = Keeper::new(shared, host, shared.server.keeps(host))?;
    let answers: Map<String, Value> = wanted.responses()?;
    loop {
        let kept = keeper.find(id, &wanted.calling).await?;
        let task = kept.task.clone();
        let Some(task) = task.hears(&answers, &wanted.calling, keeper.now()) else {
            return Ok(());
        };
        if let Ok(kept) = keeper.step(&kept, task).await.map_err(super::unavailable)? {
            if kept.task.deadline().is_some() {
                work::go_on(shared, host, kept);
            }
            return Ok(());
        }
    }
}
