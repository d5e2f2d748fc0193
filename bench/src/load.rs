//! One request, over and over, on a few kept connections.
//!
//! *Invariant:* every answer is compared, byte for byte, with the first one.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::measure::{Latencies, Turn, Unmeasured, latencies, record};

const CONNECTIONS: usize = 8;

/// A request and its answer.
#[derive(Clone)]
pub(crate) struct Load {
    name: &'static str,
    address: SocketAddr,
    request: Request<Full<Bytes>>,
    answer: Bytes,
}

type Connection = SendRequest<Full<Bytes>>;

impl Load {
    /// Asks once: the answer must be a success that says what is `expected`.
    pub(crate) async fn new(
        name: &'static str,
        address: SocketAddr,
        (authority, request): (&str, Request<Bytes>),
        expected: &str,
    ) -> Result<Self, Unmeasured> {
        let mut request = request.map(Full::new);
        let host = HeaderValue::from_str(authority).map_err(http::Error::from);
        request
            .headers_mut()
            .insert(header::HOST, host.map_err(Unmeasured::Request)?);
        let mut load = Self {
            name,
            address,
            request,
            answer: Bytes::new(),
        };
        let (status, body) = load.ask(&mut load.connect().await?).await?;
        if status != StatusCode::OK || !String::from_utf8_lossy(&body).contains(expected) {
            return Err(load.unexpected(status, &body));
        }
        load.answer = body;
        Ok(load)
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// All connections at once, each with its next request as soon as it has an answer.
    pub(crate) async fn during(&self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut connections = JoinSet::new();
        for _ in 0..CONNECTIONS {
            connections.spawn(self.clone().on_a_connection(turn));
        }
        let mut all = latencies()?;
        while let Some(ended) = connections.join_next().await {
            let ended = ended.map_err(std::io::Error::from);
            all += ended.map_err(|error| Unmeasured::System(self.name, error))??;
        }
        Ok(all)
    }

    async fn on_a_connection(self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut connection = self.connect().await?;
        let mut latencies = latencies()?;
        while !turn.is_over() {
            let (status, body) = record(&mut latencies, self.ask(&mut connection)).await?;
            if status != StatusCode::OK || body != self.answer {
                return Err(self.unexpected(status, &body));
            }
        }
        Ok(latencies)
    }

    async fn connect(&self) -> Result<Connection, Unmeasured> {
        let stream = TcpStream::connect(self.address).await;
        let stream = stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        let stream = stream.map_err(|error| Unmeasured::System(self.name, error))?;
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Unmeasured::Connection(self.name, error))?;
        // It ends with its sender; what broke it, the sender tells.
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn ask(&self, connection: &mut Connection) -> Result<(StatusCode, Bytes), Unmeasured> {
        let broken = |error| Unmeasured::Connection(self.name, error);
        connection.ready().await.map_err(broken)?;
        let answer = connection.send_request(self.request.clone()).await;
        let answer = answer.map_err(broken)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(broken)?;
        Ok((status, body.to_bytes()))
    }

    fn unexpected(&self, status: StatusCode, body: &Bytes) -> Unmeasured {
        Unmeasured::Answer {
            case: self.name,
            status,
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }
}
