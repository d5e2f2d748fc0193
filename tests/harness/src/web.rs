//! Where a world's requests go: the flows in memory, or a host over HTTP.
//!
//! *Invariant:* a test that speaks to this trait cannot tell which it is, but for the time it takes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use oauth::Timestamp;
use oauth::grant::Lifetimes;

use crate::events::Events;

/// A server under test.
pub trait Web {
    /// Its issuer, as a browser on this machine reaches it.
    fn issuer(&self) -> &str;

    /// Sends a request with a path, or with an absolute URL of the issuer.
    async fn send(&self, request: Request<Bytes>) -> Response<Bytes>;

    /// How long things live on it.
    fn lifetimes(&self) -> Lifetimes;

    /// What time it is there: this machine's, unless time is told.
    ///
    /// # Panics
    /// If this machine's clock is before 1970.
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "a host over HTTP has this machine's clock"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp::from_seconds(now.expect("a clock").as_secs())
    }

    /// Lets this much time pass.
    async fn pass(&self, time: Duration);

    /// Whether flows are called without a host's door before them.
    fn is_in_memory(&self) -> bool {
        false
    }
}

/// A server under test whose answers may go on.
pub trait Streaming: Web {
    /// Sends a request, and reads no more than the answer's head.
    async fn open(&self, request: Request<Bytes>) -> Response<Events>;
}

/// Several people of one story share a server.
impl<W: Web> Web for &W {
    fn issuer(&self) -> &str {
        (**self).issuer()
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        (**self).send(request).await
    }

    fn lifetimes(&self) -> Lifetimes {
        (**self).lifetimes()
    }

    fn now(&self) -> Timestamp {
        (**self).now()
    }

    async fn pass(&self, time: Duration) {
        (**self).pass(time).await;
    }

    fn is_in_memory(&self) -> bool {
        (**self).is_in_memory()
    }
}

/// A host over HTTP.
pub struct HttpWeb {
    issuer: String,
    address: String,
    lifetimes: Lifetimes,
    client: reqwest::Client,
}

impl HttpWeb {
    /// The server at `issuer`.
    ///
    /// # Panics
    /// If no HTTP client can be made.
    #[must_use]
    pub fn new(issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        Self::at(issuer.clone(), issuer)
    }

    /// The server at `address`, which says that it is `issuer`.
    ///
    /// # Panics
    /// If no HTTP client can be made.
    #[must_use]
    pub fn at(address: impl Into<String>, issuer: impl Into<String>) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .expect("an HTTP client");
        let lifetimes = Lifetimes::read(|_| None).expect("lifetimes have defaults");
        Self {
            issuer: issuer.into(),
            address: address.into(),
            lifetimes,
            client,
        }
    }

    /// With the lifetimes that its variables set.
    #[must_use]
    pub fn with_lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }
}

impl HttpWeb {
    async fn execute(&self, request: Request<Bytes>) -> reqwest::Response {
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", self.address)
            .parse()
            .expect("a URL of the server");
        if self.address != self.issuer {
            let (_, name) = self.issuer.split_once("://").expect("an issuer");
            let name = name.parse().expect("a host");
            head.headers.entry(http::header::HOST).or_insert(name);
        }
        let request = Request::from_parts(head, body);
        let request = reqwest::Request::try_from(request).expect("a request");
        self.client.execute(request).await.expect("an answer")
    }
}

fn head_of(answer: &reqwest::Response) -> http::response::Builder {
    let mut made = Response::builder().status(answer.status());
    if let Some(headers) = made.headers_mut() {
        headers.clone_from(answer.headers());
    }
    made
}

impl Streaming for HttpWeb {
    async fn open(&self, request: Request<Bytes>) -> Response<Events> {
        let answer = self.execute(request).await;
        let made = head_of(&answer);
        made.body(Events::http(answer)).expect("a response")
    }
}

impl Web for HttpWeb {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let answer = self.execute(request).await;
        let made = head_of(&answer);
        let body = answer.bytes().await.expect("a whole answer");
        made.body(body).expect("a response")
    }

    fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
