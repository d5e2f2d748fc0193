//! Something on the network that is read once, as a port.
//!
//! *Invariant:* no redirect is followed, and no more is read or waited for than the caller said.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, response};

/// The most that one fetch may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Bytes of the body, whatever `Content-Length` says.
    pub bytes: usize,
    /// For head and body together.
    pub patience: Duration,
}

/// Why there is no answer, or no more than its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailed {
    /// The host keeps this component from that place.
    #[error("the host does not allow a connection to that place")]
    Blocked,
    /// It took too long.
    #[error("the answer took too long")]
    Slow,
    /// The body is larger than the limit.
    #[error("the answer is larger than the limit")]
    TooLarge,
    /// No connection, no TLS, no HTTP.
    #[error("the place cannot be reached")]
    Unreachable,
}

/// What this component's manifest lets it read.
pub trait Fetch {
    /// Sends `request`, and reads the body of the answer if its head is `wanted`; the body of any
    /// other is empty.
    ///
    /// A host that can tell that a name leads into a private network refuses the connection itself
    /// and not a look-up before it: names change in between.
    async fn fetch(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
        wanted: impl FnOnce(&response::Parts) -> bool,
    ) -> Result<Response<Bytes>, FetchFailed>;
}
