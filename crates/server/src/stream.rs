//! An answer at once, or a stream: whichever the call turns out to be.
//!
//! *Invariant:* the response is the last event of a stream, and a reader who has left ends the
//! call: closing the stream is cancelling it (2026-07-28, Streamable HTTP).

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use host::{Clock, Entropy, Outlet as _, Streamed, Streams};
use mcp::event_stream;

use crate::Server;
use crate::answer::{self, Written};
use crate::outbox::Outbox;
use crate::settings::Shared;
use crate::wanted::Wanted;

type Work = Pin<Box<dyn Future<Output = Written>>>;

/// Answers a request: with JSON, unless it says something before.
pub(crate) async fn answer<H, S>(
    host: &H,
    shared: &Arc<Shared<S>>,
    wanted: Wanted,
) -> Streamed<H::Inlet>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let outbox = Outbox::default();
    let answer = answer::answer(Arc::clone(shared), host.clone(), wanted, outbox.clone());
    let mut work: Work = Box::pin(answer);
    let (said, over) = turn(&mut work, &outbox).await;
    match over {
        Some(written) if said.is_empty() => Streamed::Made(written.response()),
        over => {
            let (outlet, inlet) = host.stream();
            host.spawn(go_on::<H>(outlet, work, outbox, (said, over)));
            Streamed::Open(event_stream::headers(), inlet)
        }
    }
}

/// What was said in one turn of the work, and its end, if that has come.
type Turn = (Vec<Vec<u8>>, Option<Written>);

/// Lets the work go on until it says something or ends.
async fn turn(work: &mut Work, outbox: &Outbox) -> Turn {
    poll_fn(|context| {
        let over = match work.as_mut().poll(context) {
            Poll::Ready(written) => Some(written),
            Poll::Pending => None,
        };
        let said = outbox.take();
        if over.is_none() && said.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready((said, over))
        }
    })
    .await
}

async fn go_on<H: Streams>(mut outlet: H::Outlet, mut work: Work, outbox: Outbox, first: Turn) {
    let (mut said, mut over) = first;
    loop {
        for event in said {
            if outlet.write(event.into()).await.is_err() {
                return;
            }
        }
        if let Some(written) = over {
            let text = String::from_utf8_lossy(&written.body);
            let event = event_stream::event("message", &text);
            // Nobody is left to be told that nobody reads it.
            let _read = outlet.write(event.into()).await;
            return;
        }
        (said, over) = turn(&mut work, &outbox).await;
    }
}
