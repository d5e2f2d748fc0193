//! The host in memory, whose stores let other requests go first and can fail at any call.
//!
//! *Invariant:* it adds no behaviour of its own: what a store answers is what the host in memory
//! answers, later, or nothing.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use host::{
    Admitted, Advanced, Audit, Beginning, Cache, Chain, Clock, Credential, Entropy, Event, Grants,
    Marks, Pended, Place, Replays, Sessions, Spent, Unavailable, Vault,
};
use host_memory::MemoryHost;
use http::{Request, Response};
use oauth::approval::Approval;
use oauth::grant::{Grant, GrantId, Horizon};
use oauth::refresh::Uses;
use oauth::session::{Session, SessionId};
use oauth::{Mark, Person, Scopes, Timestamp};
use proptest::prelude::*;

/// An outage that begins in the midst of things.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    /// So many calls of stores are answered before it.
    pub(crate) after: u8,
    /// Whether the first call without an answer still has its effect.
    pub(crate) takes_effect: bool,
}

/// Seldom one.
pub(crate) fn outage() -> impl Strategy<Value = Option<Outage>> {
    let outage = (0_u8..8, any::<bool>()).prop_map(|(after, takes_effect)| Outage {
        after,
        takes_effect,
    });
    prop::option::weighted(0.2, outage)
}

/// The host.
#[derive(Clone)]
pub(crate) struct Turns {
    pub(crate) memory: MemoryHost,
    outage: Rc<Cell<Option<Outage>>>,
}

impl Turns {
    pub(crate) fn new(memory: MemoryHost) -> Self {
        Self {
            memory,
            outage: Rc::default(),
        }
    }

    /// Lets the stores fail from some call on, or answer again.
    pub(crate) fn plan(&self, outage: Option<Outage>) {
        self.outage.set(outage);
    }

    /// Runs futures together. At each step the schedule says whose turn it is.
    pub(crate) fn run<T>(futures: Vec<impl Future<Output = T>>, schedule: &[u8]) -> Vec<T> {
        let mut answers: Vec<Option<T>> = futures.iter().map(|_| None).collect();
        let mut running: Vec<(usize, Pin<Box<_>>)> =
            futures.into_iter().map(Box::pin).enumerate().collect();
        let mut turns = schedule.iter().copied().map(usize::from);
        let mut context = Context::from_waker(Waker::noop());
        while !running.is_empty() {
            let turn = turns.next().unwrap_or(0) % running.len();
            let (place, future) = &mut running[turn];
            if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
                answers[*place] = Some(answer);
                drop(running.remove(turn));
            }
        }
        answers.into_iter().flatten().collect()
    }

    /// A call of a store: somebody else's turn first, then the call, unless there is an outage.
    async fn store<T>(
        &self,
        call: impl Future<Output = Result<T, Unavailable>>,
    ) -> Result<T, Unavailable> {
        let mut waited = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut waited, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let mut call = pin!(call);
        match self.outage.get() {
            None => call.await,
            Some(outage) if outage.after > 0 => {
                self.outage.set(Some(Outage {
                    after: outage.after - 1,
                    ..outage
                }));
                call.await
            }
            Some(outage) => {
                if outage.takes_effect {
                    self.outage.set(Some(Outage {
                        takes_effect: false,
                        ..outage
                    }));
                    drop(call.as_mut().await);
                }
                Err(Unavailable)
            }
        }
    }
}

impl Grants for Turns {
    async fn pend(&self, beginning: Beginning<'_>) -> Result<Pended, Unavailable> {
        self.store(self.memory.pend(beginning)).await
    }
    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, Unavailable> {
        self.store(self.memory.find(id)).await
    }
    async fn remembered(
        &self,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Vec<Scopes>, Unavailable> {
        self.store(self.memory.remembered(approval, now)).await
    }

    async fn spend(&self, id: &GrantId, now: Timestamp) -> Result<Spent, Unavailable> {
        self.store(self.memory.spend(id, now)).await
    }
    async fn advance(&self, id: &GrantId, from: u64, uses: &Uses) -> Result<Advanced, Unavailable> {
        self.store(Grants::advance(&self.memory, id, from, uses))
            .await
    }
    async fn revoke(&self, id: &GrantId, now: Timestamp) -> Result<(), Unavailable> {
        self.store(self.memory.revoke(id, now)).await
    }

    async fn sweep(&self, horizon: &Horizon, limit: u32) -> Result<Vec<GrantId>, Unavailable> {
        self.store(self.memory.sweep(horizon, limit)).await
    }
}

impl Marks for Turns {
    async fn mark(&self, mark: &Mark) -> Result<(), Unavailable> {
        self.store(self.memory.mark(mark)).await
    }

    async fn is_marked(&self, mark: &Mark) -> Result<bool, Unavailable> {
        self.store(self.memory.is_marked(mark)).await
    }

    async fn unmark(&self, mark: &Mark) -> Result<(), Unavailable> {
        self.store(self.memory.unmark(mark)).await
    }
}

impl Replays for Turns {
    async fn admit(&self, id: &str, until: Timestamp) -> Result<Admitted, Unavailable> {
        self.store(self.memory.admit(id, until)).await
    }

    async fn forget(&self, before: Timestamp, limit: u32) -> Result<Vec<String>, Unavailable> {
        self.store(Replays::forget(&self.memory, before, limit))
            .await
    }
}

impl Sessions for Turns {
    async fn find_session(&self, id: &SessionId) -> Result<Option<Session>, Unavailable> {
        self.store(self.memory.find_session(id)).await
    }

    async fn end_session(&self, id: &SessionId) -> Result<(), Unavailable> {
        self.store(self.memory.end_session(id)).await
    }

    async fn sweep_sessions(&self, expired: Timestamp, limit: u32) -> Result<(), Unavailable> {
        self.store(self.memory.sweep_sessions(expired, limit)).await
    }
}

impl Cache for Turns {
    async fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        self.store(self.memory.recall(key)).await
    }

    async fn keep(&self, key: &str, value: &[u8]) -> Result<(), Unavailable> {
        self.store(self.memory.keep(key, value)).await
    }

    async fn forget(&self, key: &str) -> Result<(), Unavailable> {
        self.store(Cache::forget(&self.memory, key)).await
    }
}

impl Chain for Turns {
    async fn ask(
        &self,
        component: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Unavailable> {
        self.memory.ask(component, request).await
    }
}

impl Clock for Turns {
    fn now(&self) -> Timestamp {
        self.memory.now()
    }

    async fn pause(&self, time: Duration) {
        self.memory.pause(time).await;
    }
}

impl Vault for Turns {
    async fn credential(&self, at: Place<'_>) -> Result<Option<Credential>, Unavailable> {
        self.store(self.memory.credential(at)).await
    }

    async fn lease_credential(
        &self,
        at: Place<'_>,
        generation: u64,
        between: (Timestamp, Timestamp),
    ) -> Result<bool, Unavailable> {
        let leased = self.memory.lease_credential(at, generation, between);
        self.store(leased).await
    }

    async fn replace_credential(
        &self,
        at: Place<'_>,
        new: &Credential,
    ) -> Result<bool, Unavailable> {
        self.store(self.memory.replace_credential(at, new)).await
    }

    async fn free_credential(&self, at: Place<'_>, generation: u64) -> Result<(), Unavailable> {
        self.store(self.memory.free_credential(at, generation))
            .await
    }

    async fn note_person(
        &self,
        at: Place<'_>,
        person: &Person,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        self.store(self.memory.note_person(at, person, now)).await
    }
}

impl Entropy for Turns {
    fn fill(&self, bytes: &mut [u8]) {
        self.memory.fill(bytes);
    }
}

impl Audit for Turns {
    fn record(&self, event: Event) {
        self.memory.record(event);
    }
}
