//! The listening socket: HTTP/1.1 and HTTP/2 with prior knowledge.
//!
//! *Invariant:* once told to stop, no request is begun, and those under way get a bounded time.

use std::{sync::Arc, time::Duration};

use tokio::net::{TcpListener, TcpStream};

use crate::{
    ServeFailed,
    dispatch::Dispatcher,
    lane::{DRAIN, Lane},
};

/// How long to wait after a failed accept, which mostly means too many open files.
const RECOVER: Duration = Duration::from_millis(50);

/// How much longer than its requests a thread may take to end.
const GRACE: Duration = Duration::from_secs(1);

/// Serves on a thread for each of `dispatchers`, until `stop` is ready and the requests under way
/// are done.
pub(crate) async fn serve(
    dispatchers: Vec<Arc<Dispatcher>>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeFailed> {
    let origin = listener.local_addr().map_err(ServeFailed::Listener)?;
    let mut lanes = Vec::new();
    for (number, dispatcher) in dispatchers.into_iter().enumerate() {
        dispatcher.listen_on(origin);
        let lane = Lane::start(format!("serve-{number}"), dispatcher);
        lanes.push(lane.map_err(ServeFailed::Thread)?);
    }
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => {
                let handed = accepted.and_then(|(stream, peer)| hand_over(&lanes, stream, peer));
                if let Err(error) = handed {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(RECOVER).await;
                }
            }
        }
    }
    drop(listener);
    let stopping: Vec<_> = lanes.into_iter().map(Lane::stop).collect();
    for stopped in stopping {
        // A thread that panicked has nothing under way, and one that a guest holds up is left.
        let _ = tokio::time::timeout(DRAIN + GRACE, stopped).await;
    }
    Ok(())
}

/// To whoever has the fewest: clients keep their connections.
fn hand_over(lanes: &[Lane], stream: TcpStream, peer: std::net::SocketAddr) -> std::io::Result<()> {
    let serving = lanes.iter().filter(|lane| lane.is_serving());
    if let Some(lane) = serving.min_by_key(|lane| lane.open()) {
        lane.take(stream.into_std()?, peer);
    }
    Ok(())
}
