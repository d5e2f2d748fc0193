//! The server: HTTPS on loopback, on a thread of its own, until its vendor is dropped.

use std::convert::Infallible;
use std::future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{server::conn::http1, service};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::answer::When;
use crate::routes;
use crate::seen::Seen;
use crate::state::State;

/// No request of a client is longer.
const LONGEST_REQUEST: usize = 1024 * 1024;

/// A port that is bound, and what it will show.
pub(crate) struct Door {
    listener: TcpListener,
    tls: TlsAcceptor,
    pub(crate) address: SocketAddr,
    pub(crate) certificate: String,
}

impl Door {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("a bound socket");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .expect("a certificate and its key");
        Self {
            listener,
            tls: TlsAcceptor::from(Arc::new(config)),
            address,
            certificate: made.cert.pem(),
        }
    }

    /// Serves until what is returned is dropped.
    pub(crate) fn serve(self, state: Arc<Mutex<State>>) -> oneshot::Sender<Infallible> {
        let (open, closed) = oneshot::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    () = accept(self.listener, self.tls, state) => {}
                    _ = closed => {}
                }
            });
        });
        open
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, state: Arc<Mutex<State>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a non-blocking socket");
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let answers = service::service_fn(move |request| answer(Arc::clone(&state), request));
            // A client that goes away is no fault of the vendor.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answers)
                .await;
        });
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_REQUEST).collect().await;
    let body = body
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let seen = Seen::new(&head, &body);
    let answer = routes::answer(&mut state.lock().expect("a vendor"), &seen);
    match answer.when {
        When::Now => {}
        When::After(time) => tokio::time::sleep(time).await,
        When::Never => future::pending().await,
    }
    Ok(answer.into_response().map(Full::new))
}
