//! A web site with TLS, on loopback: it publishes what it is told, and counts who asks.
//!
//! *Invariant:* it lives on a thread of its own, since a shared site outlives every test's runtime,
//! and its certificate is trusted by nobody who is not given it.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use http::{Request, Response, StatusCode};
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use hyper::{server::conn::http1, service};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

/// What is at a path.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, which is sent without a length, in pieces.
    pub body: String,
    /// How long each piece takes: one byte then, many otherwise.
    pub drips: Option<Duration>,
}

#[derive(Default)]
struct Site {
    pages: HashMap<String, Page>,
    asked: HashMap<String, usize>,
}

/// The site.
pub struct Publisher {
    address: SocketAddr,
    certificate: String,
    site: Arc<Mutex<Site>>,
}

impl Page {
    /// JSON, as a site serves it.
    #[must_use]
    pub fn json(document: &serde_json::Value) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            body: document.to_string(),
            drips: None,
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Publisher {
    /// Starts a site without pages.
    ///
    /// # Panics
    /// If loopback has no port, or no certificate can be made.
    #[must_use]
    pub fn start() -> Self {
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
        let site = Arc::new(Mutex::new(Site::default()));
        let served = Arc::clone(&site);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(accept(
                listener,
                TlsAcceptor::from(Arc::new(config)),
                served,
            ));
        });
        Self {
            address,
            certificate: made.cert.pem(),
            site,
        }
    }

    /// Its host and port.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// The address of a path that starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.authority())
    }

    /// Its certificate, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Puts a page at a path.
    ///
    /// # Panics
    /// If a test failed while it held the site.
    pub fn publish(&self, path: &str, page: Page) {
        self.site
            .lock()
            .expect("a site")
            .pages
            .insert(path.to_owned(), page);
    }

    /// How often a path was asked for.
    ///
    /// # Panics
    /// If a test failed while it held the site.
    #[must_use]
    pub fn asked(&self, path: &str) -> usize {
        let site = self.site.lock().expect("a site");
        site.asked.get(path).copied().unwrap_or_default()
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, site: Arc<Mutex<Site>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a non-blocking socket");
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, site) = (tls.clone(), Arc::clone(&site));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let answers = service::service_fn(move |request| {
                let answered = answer(&site, &request);
                async move { answered }
            });
            // A client that goes away is no fault of the site.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answers)
                .await;
        });
    }
}

type Pieces = StreamBody<std::pin::Pin<Box<dyn Stream<Item = io::Result<Frame<Bytes>>> + Send>>>;

fn answer(site: &Mutex<Site>, request: &Request<Incoming>) -> io::Result<Response<Pieces>> {
    let mut site = site.lock().expect("a site");
    let path = request.uri().path().to_owned();
    let page = site.pages.get(&path).cloned();
    *site.asked.entry(path).or_default() += 1;
    let page = page.unwrap_or(Page {
        status: 404,
        headers: Vec::new(),
        body: String::new(),
        drips: None,
    });
    let body = StreamBody::new(Box::pin(pieces(page.body.into(), page.drips)) as _);
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(page.status).expect("a status");
    for (name, value) in page.headers {
        answer
            .headers_mut()
            .append(name, value.parse().expect("a header"));
    }
    Ok(answer)
}

fn pieces(
    body: Bytes,
    drips: Option<Duration>,
) -> impl Stream<Item = io::Result<Frame<Bytes>>> + Send {
    stream::unfold(body, move |mut body| async move {
        let size = match drips {
            Some(drip) => {
                tokio::time::sleep(drip).await;
                1
            }
            None => 1024,
        };
        let piece = body.split_to(size.min(body.len()));
        (!piece.is_empty()).then(|| (Ok(Frame::data(piece)), body))
    })
}
