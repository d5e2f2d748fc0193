//! A server beyond the host, on loopback.
//!
//! *Invariant:* it lives on a thread of its own, since a shared host outlives every test's runtime.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use http_body_util::Full;
use hyper::{
    Request, Response, body::Bytes, body::Incoming, header::HeaderValue, server::conn::http1,
    service,
};
use hyper_util::rt::TokioIo;

/// Tells a redirect at `/redirect`, and the `Host` that it was asked for elsewhere.
pub(super) struct Upstream {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Upstream {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        listener
            .set_nonblocking(true)
            .expect("a socket can be made asynchronous");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("a runtime")
                .block_on(accept(listener, &counter));
        });
        Self {
            address,
            connections,
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were ever made.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, connections: &AtomicUsize) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a non-blocking socket");
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let connection = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service::service_fn(answer));
        tokio::spawn(connection);
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let host = request.headers().get("host").cloned();
    let mut response =
        Response::new(Full::new(host.map_or_else(Bytes::new, |host| {
            Bytes::copy_from_slice(host.as_bytes())
        })));
    if request.uri().path() == "/redirect" {
        *response.status_mut() = hyper::StatusCode::FOUND;
        response
            .headers_mut()
            .insert("location", HeaderValue::from_static("/moved"));
    }
    Ok(response)
}
