//! MCP servers behind the gateway, as a port.
//!
//! *Invariant:* an answer is passed on unread unless a flow asks for its bytes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};

use crate::Unavailable;

/// The answer of a server, of which only the head has been looked at.
pub trait Forwarded: Sized + 'static {
    /// Its body, a piece at a time.
    type Chunks: Chunks;

    /// Its status.
    fn status(&self) -> StatusCode;

    /// One of its headers; the first where there are several.
    fn header(&self, name: &HeaderName) -> Option<HeaderValue>;

    /// Its body. One of more than `limit` bytes is `Unavailable`.
    async fn read(self, limit: usize) -> Result<Bytes, Unavailable>;

    /// Its body, as it comes.
    fn chunks(self) -> Self::Chunks;
}

/// A body that is read while it is written. Dropping it tells its writer that nobody reads on.
pub trait Chunks: 'static {
    /// The next piece; nothing once the body is over. One that broke off is `Unavailable`.
    async fn next(&mut self) -> Result<Option<Bytes>, Unavailable>;
}

/// The servers that this component's manifest lets it call.
pub trait Servers {
    /// An answer, as this host holds it.
    type Forwarded: Forwarded;

    /// Sends `request` to the component `server`; only the path of its URI counts.
    ///
    /// `Unavailable` says nothing about whether the request was acted on.
    async fn forward(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<Self::Forwarded, Unavailable>;
}

/// What a flow answers that may pass a server's answer on.
#[derive(Debug)]
pub enum Answer<F> {
    /// A server's, as it came, but for these headers put over its own.
    Forwarded(F, HeaderMap),
    /// Our own.
    Made(Response<Bytes>),
}
