//! The instances of one component: made on demand, reused, and left when they are idle.
//!
//! *Invariant:* an instance of WASI 0.2 serves one request; one of WASI 0.3 serves at most 128,
//! and at most 16 at a time, as on Spin.

use std::{
    pin::Pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use http::{Request, Response};
use tokio::time::Sleep;
use wasmtime::{
    Engine, Store, StoreContextMut,
    component::{Component, GuestTaskId, InstancePre, Linker},
};
use wasmtime_wasi_http::{
    WasiBody,
    handler::{
        HandlerState, Instance, ProxyHandler, ProxyPre, ShouldAccept, WorkerExpiration,
        WorkerState, WorkerStatus,
    },
    p2, p3,
};

use crate::{
    dispatch::Dispatcher,
    engine,
    guest::{Grants, Guest},
};

const MAX_REUSE: usize = 128;
const MAX_CONCURRENT: usize = 16;
const IDLE: Duration = Duration::from_secs(1);

/// How often a request lets others go first, in the hope of an instance that is being made.
const TURNS: usize = 4;

/// The instances of one component on one thread, and the requests for them.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    instances: AtomicUsize,
    under_way: AtomicUsize,
    /// Handed over, and not begun by any instance yet.
    waiting: AtomicUsize,
}

/// Counts one of a crowd until it is dropped.
pub(crate) struct Counted(Arc<Crowd>, fn(&Crowd) -> &AtomicUsize);

impl Counted {
    fn new(crowd: &Arc<Crowd>, which: fn(&Crowd) -> &AtomicUsize) -> Self {
        which(crowd).fetch_add(1, Ordering::Relaxed);
        Self(crowd.clone(), which)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Self(crowd, which) = self;
        which(crowd).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Crowd {
    /// Hands a request to whichever instance has room, or has one made.
    ///
    /// The handler has one made for every request that finds none with room, at once; of those
    /// that come together, all but the first would rather wait for that one.
    pub(crate) async fn handle(
        self: &Arc<Self>,
        handler: &ProxyHandler<Maker>,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, wasmtime::Error> {
        for _ in 0..TURNS {
            if self.waiting.load(Ordering::Relaxed) == 0 || self.has_room() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let _under_way = Counted::new(self, |crowd| &crowd.under_way);
        let waiting = Counted::new(self, |crowd| &crowd.waiting);
        handler.handle(waiting, request).await
    }

    fn has_room(&self) -> bool {
        let instances = self.instances.load(Ordering::Relaxed);
        self.under_way.load(Ordering::Relaxed) < instances * MAX_CONCURRENT
    }
}

/// How an instance is made.
pub(crate) struct Maker {
    pub(crate) crowd: Arc<Crowd>,
    pub(crate) engine: Engine,
    pub(crate) code: Arc<ProxyPre<Guest>>,
    pub(crate) grants: Arc<Grants>,
    pub(crate) dispatcher: Weak<Dispatcher>,
}

/// Links a component, which must answer HTTP requests in one of the two ways.
pub(crate) fn link(
    linker: &Linker<Guest>,
    component: &Component,
) -> wasmtime::Result<ProxyPre<Guest>> {
    let pre: InstancePre<Guest> = linker.instantiate_pre(component)?;
    match p3::bindings::ServicePre::new(pre.clone()) {
        Ok(service) => Ok(ProxyPre::P3(service)),
        Err(_) => Ok(ProxyPre::P2(p2::bindings::ProxyPre::new(pre)?)),
    }
}

impl HandlerState for Maker {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Worker>> {
        let guest = Guest::new(self.grants.clone(), self.dispatcher.clone())?;
        let mut store = engine::store(&self.engine, guest);
        let proxy = self.code.instantiate_async(&mut store).await?;
        let (reuse, concurrent) = match &*self.code {
            ProxyPre::P2(_) => (1, 1),
            ProxyPre::P3(_) => (MAX_REUSE, MAX_CONCURRENT),
        };
        Ok(Instance {
            store,
            proxy,
            view: Guest::incoming,
            expiration: Expiration {
                idle: Box::pin(tokio::time::sleep(IDLE)),
            },
            state: Worker {
                _living: Counted::new(&self.crowd, |crowd| &crowd.instances),
                component: self.grants.clone(),
                dispatcher: self.dispatcher.clone(),
                reuse,
                concurrent,
            },
        })
    }
}

/// Lets an instance go once it has been idle for a second.
pub(crate) struct Expiration {
    idle: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        // Requests and streams may take as long as they like: Spin sets no limit by default.
        let WorkerStatus::Idle = status else {
            return Poll::Pending;
        };
        let deadline = (start + IDLE).into();
        if self.idle.deadline() != deadline {
            self.idle.as_mut().reset(deadline);
        }
        self.idle.as_mut().poll(context)
    }
}

/// How much one instance takes on.
pub(crate) struct Worker {
    _living: Counted,
    component: Arc<Grants>,
    dispatcher: Weak<Dispatcher>,
    reuse: usize,
    concurrent: usize,
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = Counted;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.reuse {
            ShouldAccept::Never
        } else if concurrent >= self.concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, Guest>,
        waiting: Counted,
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        drop(waiting);
        Box::pin(std::future::pending())
    }

    fn drop(&self, _: Store<Guest>, result: Result<(), wasmtime::Error>) {
        // Once nothing dispatches any more, idle instances are dropped with the runtime, and
        // wasmtime reports that as it would report a panic.
        let stopped = self.dispatcher.strong_count() == 0;
        if let (Err(error), false) = (result, stopped) {
            tracing::error!(
                component = self.component.component,
                "an instance failed: {error:#}"
            );
        }
    }
}
