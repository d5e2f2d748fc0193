//! The ports in memory, for flows that are watched closely.
//!
//! *Invariant:* two runs with the same steps are the same: time moves when told, chance comes
//! from a counter, and a store fails only when asked to.

mod cache;
mod chain;
mod configuration;
mod fetch;
mod grants;
mod mailbox;
mod marks;
mod questions;
mod replays;
mod servers;
mod sessions;
mod streams;
mod tasks;
mod toolset;
mod vault;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::mem;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use host::{Audit, Clock, Entropy, Event, TaskRow, Unavailable, Variables};
use oauth::grant::{Grant, GrantId};
use oauth::session::{Session, SessionId};
use oauth::{Mark, Timestamp};

pub use chain::{Answer, Dispatch};
pub use fetch::{Fetching, MemoryNetwork};
pub use servers::{MemoryChunks, MemoryComponent, MemoryForwarded, MemoryServer};
pub use streams::{MemoryInlet, MemoryOutlet};
pub use toolset::MemoryTool;

/// A host in memory. Clones share everything, as components of one application do.
#[derive(Clone, Default)]
pub struct MemoryHost {
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    now: Cell<u64>,
    drawn: Cell<u64>,
    variables: RefCell<BTreeMap<String, String>>,
    grants: RefCell<BTreeMap<GrantId, Grant>>,
    revoked_at: RefCell<BTreeMap<GrantId, Timestamp>>,
    sessions: RefCell<BTreeMap<SessionId, Session>>,
    marks: RefCell<BTreeSet<Mark>>,
    admitted: RefCell<BTreeMap<String, Timestamp>>,
    events: RefCell<Vec<Event>>,
    copies: RefCell<BTreeMap<String, Vec<u8>>>,
    dispatch: RefCell<Option<Dispatch>>,
    network: RefCell<Option<MemoryNetwork>>,
    files: RefCell<BTreeMap<String, String>>,
    servers: RefCell<BTreeMap<String, MemoryServer>>,
    components: RefCell<BTreeMap<String, MemoryComponent>>,
    mail: RefCell<Vec<mailbox::Waiting>>,
    mailed: Cell<u64>,
    calls: RefCell<BTreeMap<String, questions::Call>>,
    notes: RefCell<BTreeMap<(String, String), (String, Timestamp)>>,
    ended: RefCell<BTreeMap<String, Timestamp>>,
    works: RefCell<Vec<streams::Work>>,
    sleepers: RefCell<Vec<Waker>>,
    tasks: RefCell<BTreeMap<String, TaskRow>>,
    tools: RefCell<Vec<MemoryTool>>,
    vault: RefCell<BTreeMap<(String, String), vault::Held>>,
    store_is_down: Cell<bool>,
}

impl MemoryHost {
    /// A host whose clock stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let host = Self::default();
        host.state.now.set(now.as_millis());
        host
    }

    /// Sets the clock, on or back.
    pub fn set_now(&self, now: Timestamp) {
        self.state.now.set(now.as_millis());
        self.wake_sleepers();
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.state.now.set(self.now().plus(by).as_millis());
        self.wake_sleepers();
    }

    /// Sets a variable of the application.
    pub fn set_variable(&self, name: &str, value: &str) {
        self.state
            .variables
            .borrow_mut()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Lets the stores fail, or answer again.
    pub fn store_is_down(&self, down: bool) {
        self.state.store_is_down.set(down);
    }

    /// How many grants there are.
    #[must_use]
    pub fn grant_count(&self) -> usize {
        self.state.grants.borrow().len()
    }

    /// How many browser sessions there are.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.state.sessions.borrow().len()
    }

    /// How many marks and admitted ids there are.
    #[must_use]
    pub fn mark_counts(&self) -> (usize, usize) {
        let (marks, admitted) = (&self.state.marks, &self.state.admitted);
        (marks.borrow().len(), admitted.borrow().len())
    }

    /// The events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.state.events.borrow().clone()
    }

    /// Says which flow answers for which component.
    pub fn dispatch_to(&self, dispatch: Dispatch) {
        *self.state.dispatch.borrow_mut() = Some(dispatch);
    }

    fn store(&self) -> Result<&State, Unavailable> {
        if self.state.store_is_down.get() {
            Err(Unavailable)
        } else {
            Ok(&self.state)
        }
    }
}

impl Clock for MemoryHost {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.state.now.get())
    }

    async fn pause(&self, _: Duration) {
        let mut turn = false;
        poll_fn(|context| {
            if mem::replace(&mut turn, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl Entropy for MemoryHost {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let drawn = self.state.drawn.get() + 1;
            self.state.drawn.set(drawn);
            let block = jose::sha256(&drawn.to_be_bytes());
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
    }
}

impl Variables for MemoryHost {
    async fn variable(&self, name: &str) -> Result<Option<String>, Unavailable> {
        Ok(self.store()?.variables.borrow().get(name).cloned())
    }
}

impl Audit for MemoryHost {
    fn record(&self, event: Event) {
        self.state.events.borrow_mut().push(event);
    }
}
