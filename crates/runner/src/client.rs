//! The one pooled HTTP client behind all components, with its guarded resolver.
//!
//! *Invariant:* no connection is opened to a blocked network, whatever name or literal led
//! there; no redirect is followed.

use std::{
    error::Error as StdError,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self,
        connect::{HttpConnector, dns::Name},
    },
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::{Sleep, sleep, timeout};
use tower_service::Service;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use crate::{blocked_networks::BlockedNetworks, client_tls::ClientTls};

/// How long each step may take unless the guest says otherwise, as on Spin.
const PATIENCE: Duration = Duration::from_secs(600);

type Https = HttpsConnector<HttpConnector<Resolver>>;

/// The client; connections are shared by everyone who may use them.
#[derive(Debug)]
pub(crate) struct Client {
    pool: Pool,
    trusting: Vec<(ClientTls, Pool)>,
    blocked: BlockedNetworks,
}

type Pool = legacy::Client<Connector, WasiBody>;

impl Client {
    pub(crate) fn new(
        blocked: &BlockedNetworks,
        entries: Vec<ClientTls>,
    ) -> Result<Self, rustls::Error> {
        let provider = rustls::crypto::ring::default_provider();
        let public = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider)?;
        let trusting = entries.into_iter().map(|entry| {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .with_root_certificates(entry.roots.clone())
                .with_no_client_auth();
            let tls = HttpsConnectorBuilder::new().with_tls_config(config);
            Ok((entry, pool(blocked, tls)))
        });
        Ok(Self {
            trusting: trusting.collect::<Result<_, rustls::Error>>()?,
            pool: pool(blocked, public),
            blocked: blocked.clone(),
        })
    }

    /// Connections are shared among those who trust the same certificates.
    fn pool_for(&self, component: &str, host: &str) -> &Pool {
        let mut trusting = self.trusting.iter();
        trusting
            .find(|(entry, _)| entry.is_for(component, host))
            .map_or(&self.pool, |(_, pool)| pool)
    }

    /// Sends a request of `component` that is allowed already.
    pub(crate) async fn send(
        &self,
        component: &str,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        // A literal address never reaches the resolver.
        if literal_address(request.uri()).is_some_and(|address| self.blocked.blocks(address)) {
            return Err(Error::DestinationIpProhibited);
        }
        let connect = options.connect_timeout.unwrap_or(PATIENCE);
        let pool = self.pool_for(component, request.uri().host().unwrap_or_default());
        let sending = CONNECT_PATIENCE.scope(connect, pool.request(request));
        let response = timeout(options.first_byte_timeout.unwrap_or(PATIENCE), sending)
            .await
            .map_err(|_| Error::ConnectionReadTimeout)?
            .map_err(|error| explain(&error))?;
        let patience = options.between_bytes_timeout.unwrap_or(PATIENCE);
        Ok(response.map(|body| {
            Patient {
                body: Some(body),
                patience,
                waiting: None,
            }
            .boxed_unsync()
        }))
    }
}

fn pool(
    blocked: &BlockedNetworks,
    tls: HttpsConnectorBuilder<hyper_rustls::builderstates::WantsSchemes>,
) -> Pool {
    let mut tcp = HttpConnector::new_with_resolver(Resolver(blocked.clone()));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let tls = tls
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(tcp);
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(Connector(tls))
}

fn literal_address(uri: &Uri) -> Option<IpAddr> {
    let host = uri.host()?;
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
        .parse()
        .ok()
}

/// Why no connection was opened.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum NotConnected {
    #[error("the destination is in a blocked network")]
    Prohibited,
    #[error("the name does not resolve")]
    Unresolved,
    #[error("the connection was not opened in time")]
    Timeout,
}

/// Resolves names to the addresses that are not blocked.
#[derive(Debug, Clone)]
struct Resolver(BlockedNetworks);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NotConnected;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NotConnected>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NotConnected>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let blocked = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| NotConnected::Unresolved)?;
            let (prohibited, open): (Vec<_>, Vec<_>) =
                found.partition(|address| blocked.blocks(address.ip()));
            match (open.is_empty(), prohibited.is_empty()) {
                (false, _) => Ok(open.into_iter()),
                (true, false) => Err(NotConnected::Prohibited),
                (true, true) => Err(NotConnected::Unresolved),
            }
        })
    }
}

tokio::task_local! {
    // The pooled client has no per-request parameter for its connector.
    static CONNECT_PATIENCE: Duration;
}

/// Opens connections within the time that the request at hand allows.
#[derive(Debug, Clone)]
struct Connector(Https);

type ConnectorError = Box<dyn StdError + Send + Sync>;

impl Service<Uri> for Connector {
    type Response = <Https as Service<Uri>>::Response;
    type Error = ConnectorError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectorError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectorError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let patience = CONNECT_PATIENCE
            .try_with(|patience| *patience)
            .unwrap_or(PATIENCE);
        let connecting = timeout(patience, self.0.call(uri));
        Box::pin(async move { connecting.await.map_err(|_| NotConnected::Timeout)? })
    }
}

/// Tells guests what they would be told by Spin.
fn explain(error: &legacy::Error) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(explained) = explain_cause(error) {
            return explained;
        }
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause = inner.map(|inner| inner as _).or_else(|| error.source());
    }
    if error.is_connect() {
        Error::ConnectionRefused
    } else {
        Error::HttpProtocolError
    }
}

fn explain_cause(cause: &(dyn StdError + 'static)) -> Option<Error> {
    if cause.is::<rustls::Error>() {
        return Some(Error::TlsProtocolError);
    }
    let refused = cause.downcast_ref::<NotConnected>()?;
    Some(match refused {
        NotConnected::Prohibited => Error::DestinationIpProhibited,
        NotConnected::Unresolved => Error::DnsError {
            rcode: Some("address not available".into()),
            info_code: Some(0),
        },
        NotConnected::Timeout => Error::ConnectionTimeout,
    })
}

/// A response body whose parts must arrive in time.
struct Patient {
    body: Option<Incoming>,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Body for Patient {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
            self.waiting = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::Hyper)));
        }
        let patience = self.patience;
        ready!(
            self.waiting
                .get_or_insert_with(|| Box::pin(sleep(patience)))
                .as_mut()
                .poll(context)
        );
        self.body = None;
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    fn client(blocked: &[&str]) -> Client {
        let blocked: Vec<String> = blocked.iter().map(|entry| (*entry).to_owned()).collect();
        let blocked = BlockedNetworks::parse(&blocked).expect("networks");
        Client::new(&blocked, Vec::new()).expect("a client")
    }

    fn request(uri: &str) -> Request<WasiBody> {
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        Request::get(uri).body(body).expect("a request")
    }

    #[tokio::test]
    async fn blocked_networks_are_not_reached_by_name_or_literal() {
        let client = client(&["private"]);
        for uri in [
            "http://127.0.0.1:9/",
            "http://[::1]:9/",
            "http://[::ffff:127.0.0.1]:9/",
            "http://localhost:9/",
            "http://2130706433:9/",
            "http://0x7f.1:9/",
            "https://127.0.0.1:9/",
        ] {
            let refused = client
                .send("c", request(uri), RequestOptions::default())
                .await
                .expect_err(uri);
            assert!(
                matches!(refused, Error::DestinationIpProhibited),
                "{uri}: {refused:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_failed_connection_says_why() {
        let client = client(&[]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let open = listener.local_addr().expect("an address");
        let closed = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .expect("an address");
        let refused = client
            .send(
                "c",
                request(&format!("http://{closed}/")),
                RequestOptions::default(),
            )
            .await;
        assert!(
            matches!(refused, Err(Error::ConnectionRefused)),
            "{refused:?}"
        );
        let refused = client
            .send(
                "c",
                request("http://no-such-host.invalid/"),
                RequestOptions::default(),
            )
            .await;
        assert!(
            matches!(refused, Err(Error::DnsError { .. })),
            "{refused:?}"
        );
        let soon = RequestOptions {
            first_byte_timeout: Some(Duration::from_millis(50)),
            ..RequestOptions::default()
        };
        let refused = client
            .send("c", request(&format!("http://{open}/")), soon)
            .await;
        assert!(
            matches!(refused, Err(Error::ConnectionReadTimeout)),
            "{refused:?}"
        );
        let soon = RequestOptions {
            connect_timeout: Some(Duration::from_millis(50)),
            ..RequestOptions::default()
        };
        let refused = client
            .send("c", request(&format!("https://{open}/")), soon)
            .await;
        assert!(
            matches!(refused, Err(Error::ConnectionTimeout)),
            "{refused:?}"
        );
    }
}
