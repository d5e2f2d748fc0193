//! Work on a task, after the call was answered with it.
//!
//! *Invariant:* a task is kept before anybody hears of it, and what has been cancelled elsewhere
//! ends here, too.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use host::{Clock, Entropy, Streams, Tasks};
use mcp::results::Called;
use mcp::{ClientCapabilities, Era, Refused};
use serde_json::json;

use crate::Server;
use crate::answer::outcome;
use crate::context::{Context, StatusLine};
use crate::interrupted::Interrupted;
use crate::keeper::{Keeper, Kept};
use crate::results::Said;
use crate::settings::Shared;
use crate::task::{Leaving, Task};
use crate::wanted::Wanted;

/// How often whoever works on a task looks whether it still is one.
const CHECK: Duration = Duration::from_secs(1);

/// Answers a call with the task as which it goes on.
pub(crate) async fn begin<H, S>(
    shared: &Arc<Shared<S>>,
    host: &H,
    wanted: &Wanted,
    leaving: Leaving,
) -> Result<Vec<u8>, Refused>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let keeper = Keeper::new(shared, host, shared.server.keeps(host))?;
    let client = ClientCapabilities::read(&wanted.meta());
    let call = (wanted.text("name")?.to_owned(), wanted.arguments()?);
    let task = Task::begin(
        (wanted.calling.clone(), client),
        call,
        leaving,
        keeper.now(),
    );
    let kept = keeper.begin(task).await?;
    let told = Said::of_type(
        "task",
        shared.server.implementation(),
        kept.task.told(&kept.id),
    );
    let body = wanted.id.result(&told);
    go_on(shared, host, kept);
    Ok(body)
}

/// Lets the work on a task go on after the answer.
pub(crate) fn go_on<H, S>(shared: &Arc<Shared<S>>, host: &H, kept: Kept)
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    host.spawn(work(Arc::clone(shared), host.clone(), kept));
}

async fn work<H, S>(shared: Arc<Shared<S>>, host: H, mut kept: Kept)
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let Ok(keeper) = Keeper::new(&*shared, &host, shared.server.keeps(&host)) else {
        return;
    };
    let line = StatusLine::default();
    let context = Context::working(host.clone(), &kept.task, line.clone());
    let (tool, arguments) = (kept.task.tool.clone(), kept.task.arguments.clone());
    let mut call = pin!(outcome(&shared, &context, &tool, &arguments, None));
    loop {
        if let Some(output) = for_a_while(call.as_mut(), host.sleep(CHECK)).await {
            let server = &shared.server;
            return end(&keeper, &host, kept, |task, now| match &output {
                Ok(output) => {
                    let called = Called::new(Era::Modern, server.implementation(), output);
                    task.completed(json!(called), now)
                }
                Err(Interrupted::Asks(asked)) => task.asks(asked.clone(), now),
                Err(Interrupted::Leaves(_)) => task.failed(&Refused::Failed("left twice"), now),
                Err(Interrupted::Refused(refused)) => task.failed(refused, now),
            })
            .await;
        }
        match look(&keeper, kept, &line).await {
            Some(stands) => kept = stands,
            None => return,
        }
    }
}

/// The task as it stands, with what it has said since; nothing, where there is nothing left to do.
async fn look<H, T>(keeper: &Keeper<'_, H, T>, kept: Kept, line: &StatusLine) -> Option<Kept>
where
    H: Clock + Entropy,
    T: Tasks,
{
    let now = keeper.now();
    let step = match (kept.task.clone().overdue(now), line.take()) {
        (Some(failed), _) => failed,
        (None, Some(message)) => kept.task.clone().says(message, now),
        (None, None) => {
            let stands = keeper.stands(&kept).await;
            return (stands != Ok(false)).then_some(kept);
        }
    };
    match keeper.step(&kept, step).await {
        Ok(Ok(kept)) => kept.task.deadline().is_some().then_some(kept),
        Ok(Err(_moved)) => None,
        // A store that does not answer now may answer at the next turn.
        Err(_unavailable) => Some(kept),
    }
}

/// Writes down how it ends: until it is written, or its time is over and it has failed anyway.
async fn end<H, T>(
    keeper: &Keeper<'_, H, T>,
    host: &H,
    kept: Kept,
    ended: impl Fn(Task, oauth::Timestamp) -> Task,
) where
    H: Clock + Entropy + Streams,
    T: Tasks,
{
    loop {
        let now = keeper.now();
        let task = ended(kept.task.clone(), now);
        if keeper.step(&kept, task).await.is_ok() || kept.task.deadline() <= Some(now) {
            return;
        }
        host.sleep(CHECK).await;
    }
}

/// What the work comes to, if it does before the time has passed.
async fn for_a_while<T>(
    mut work: Pin<&mut impl Future<Output = T>>,
    time: impl Future<Output = ()>,
) -> Option<T> {
    let mut time = pin!(time);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}
