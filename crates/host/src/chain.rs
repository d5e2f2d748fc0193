//! One component asking another, as a port.
//!
//! *Invariant:* being asked this way proves nothing about who asks; requests carry their proof.

use bytes::Bytes;
use http::{Request, Response};

use crate::Unavailable;

/// The components of this application that this one may ask.
pub trait Chain {
    /// Sends `request` to `component` and reads its whole answer.
    ///
    /// `Unavailable` says nothing about whether the request was acted on.
    async fn ask(
        &self,
        component: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Unavailable>;
}
