//! One thread and the connections that it serves, from their first byte to their last.
//!
//! *Invariant:* whatever a request causes here happens on this thread, but for what blocks: no
//! other thread is woken for it, which costs more than most requests do.

use std::{
    cell::Cell,
    convert::Infallible,
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, Request};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    runtime::{self, Runtime},
    sync::{mpsc, oneshot},
};
use wasmtime_wasi_http::Error;

use crate::dispatch::Dispatcher;

/// How long requests under way may take once the server stops.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);

/// A thread that takes connections.
pub(crate) struct Lane {
    arrivals: mpsc::UnboundedSender<(TcpStream, SocketAddr)>,
    open: Arc<AtomicUsize>,
    done: oneshot::Receiver<()>,
}

impl Lane {
    /// Starts a thread that answers by `dispatcher`.
    pub(crate) fn start(name: String, dispatcher: Arc<Dispatcher>) -> std::io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (arrivals, arriving) = mpsc::unbounded_channel();
        let (ended, done) = oneshot::channel();
        let open = Arc::new(AtomicUsize::new(0));
        let serving = Serving {
            dispatcher,
            open: open.clone(),
        };
        std::thread::Builder::new().name(name).spawn(move || {
            serving.run(runtime, arriving);
            // Nobody may wait for it.
            let _ = ended.send(());
        })?;
        Ok(Self {
            arrivals,
            open,
            done,
        })
    }

    /// Whether it takes connections: one that panicked has ended.
    pub(crate) fn is_serving(&self) -> bool {
        !self.arrivals.is_closed()
    }

    /// How many connections it has.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Hands a connection over.
    pub(crate) fn take(&self, stream: TcpStream, peer: SocketAddr) {
        self.open.fetch_add(1, Ordering::Relaxed);
        if self.arrivals.send((stream, peer)).is_err() {
            tracing::error!("a thread that serves has ended");
        }
    }

    /// Lets it take no more. What is under way gets a bounded time, after which the receiver hears.
    pub(crate) fn stop(self) -> oneshot::Receiver<()> {
        self.done
    }
}

thread_local! {
    static UNDER_WAY: Cell<usize> = const { Cell::new(0) };
}

/// Whether at most one request on this thread waits for its answer. What goes on behind an answer,
/// a stream for example, is not counted: it holds that one request up for a statement's time.
pub(crate) fn is_alone() -> bool {
    UNDER_WAY.get() <= 1
}

/// A request from outside that has no answer yet.
pub(crate) struct UnderWay;

impl UnderWay {
    pub(crate) fn begin() -> Self {
        UNDER_WAY.set(UNDER_WAY.get() + 1);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.set(UNDER_WAY.get().saturating_sub(1));
    }
}

struct Serving {
    dispatcher: Arc<Dispatcher>,
    open: Arc<AtomicUsize>,
}

/// Counts a connection until it is dropped.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Serving {
    fn run(self, runtime: Runtime, mut arriving: mpsc::UnboundedReceiver<(TcpStream, SocketAddr)>) {
        runtime.block_on(async {
            let connections = GracefulShutdown::new();
            while let Some((stream, peer)) = arriving.recv().await {
                let open = Open(self.open.clone());
                if let Err(error) = self.connect(&connections, (stream, peer), open) {
                    tracing::debug!(%error, "a connection was lost on its way");
                }
            }
            let drained = tokio::time::timeout(DRAIN, connections.shutdown()).await;
            if drained.is_err() {
                tracing::warn!(
                    "requests were still under way after {} s and were cut",
                    DRAIN.as_secs()
                );
            }
        });
        drop(self);
        // What blocks then has nobody left to answer to.
        runtime.shutdown_background();
    }

    fn connect(
        &self,
        connections: &GracefulShutdown,
        (stream, peer): (TcpStream, SocketAddr),
        open: Open,
    ) -> std::io::Result<()> {
        let stream = tokio::net::TcpStream::from_std(stream)?;
        // Without it, a small response in two segments waits 40 ms for the client's acknowledgement.
        stream.set_nodelay(true)?;
        let client = HeaderValue::try_from(peer.to_string()).map_err(std::io::Error::other)?;
        let dispatcher = self.dispatcher.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (dispatcher, client) = (dispatcher.clone(), client.clone());
            async move {
                let _under_way = UnderWay::begin();
                let request = request.map(|body| body.map_err(Error::Hyper).boxed_unsync());
                Ok::<_, Infallible>(dispatcher.answer(request, &client).await)
            }
        });
        let builder = Builder::new(TokioExecutor::new());
        let connection = builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection ended early");
            }
            drop(open);
        });
        Ok(())
    }
}
