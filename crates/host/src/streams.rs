//! Answers that go on after they were given, as ports: bodies written bit by bit, and work that
//! outlives its request.
//!
//! *Invariant:* a reader that does not read holds up its own writes and nobody else's.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};

/// The reader of a stream has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody reads the stream any more")]
pub struct Gone;

/// The end of a body that is written. Dropping it ends the body.
pub trait Outlet: 'static {
    /// Writes `bytes`, and returns once the host has taken them.
    ///
    /// A reader's leaving shows here alone, and not always at the first write after it.
    async fn write(&mut self, bytes: Bytes) -> Result<(), Gone>;
}

/// A host on which a request can leave something behind that goes on.
pub trait Streams: Clone + 'static {
    /// The end that is written.
    type Outlet: Outlet;
    /// The end that becomes an answer's body.
    type Inlet;

    /// Both ends of a new body.
    fn stream(&self) -> (Self::Outlet, Self::Inlet);

    /// Lets `work` go on when the answer has been given.
    fn spawn(&self, work: impl Future<Output = ()> + 'static);

    /// Returns after `time`.
    async fn sleep(&self, time: Duration);
}

/// What a flow answers that may hold a stream.
#[derive(Debug)]
pub enum Streamed<I> {
    /// 200 with these headers, and a body that is being written.
    Open(HeaderMap, I),
    /// A whole answer.
    Made(Response<Bytes>),
}
