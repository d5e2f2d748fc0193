//! The listening socket: HTTP/1.1 and HTTP/2 with prior knowledge.
//!
//! *Invariant:* once told to stop, no request is begun, and those under way get a bounded time.

use std::{convert::Infallible, sync::Arc, time::Duration};

use http::{HeaderValue, Request};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::Error;

use crate::{ServeFailed, dispatch::Dispatcher};

/// How long requests under way may take once the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How long to wait after a failed accept, which mostly means too many open files.
const RECOVER: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready and the requests under way are done.
pub(crate) async fn serve(
    dispatcher: Arc<Dispatcher>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeFailed> {
    dispatcher.listen_on(listener.local_addr().map_err(ServeFailed::Listener)?);
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connect(&dispatcher, &connections, stream, &peer.to_string()),
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(RECOVER).await;
                }
            },
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "requests were still under way after {} s and were cut",
            DRAIN.as_secs()
        );
    }
    Ok(())
}

fn connect(
    dispatcher: &Arc<Dispatcher>,
    connections: &GracefulShutdown,
    stream: TcpStream,
    peer: &str,
) {
    // Without it, a small response in two segments waits 40 ms for the client's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let Ok(client) = HeaderValue::from_str(peer) else {
        return;
    };
    let dispatcher = dispatcher.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (dispatcher, client) = (dispatcher.clone(), client.clone());
        async move {
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
    });
}
