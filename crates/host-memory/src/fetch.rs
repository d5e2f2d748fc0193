//! The network, as one function.

use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use host::{Fetch, FetchFailed, FetchLimits};
use http::{Request, Response, response};

use crate::MemoryHost;

/// What comes back from the network.
pub type Fetching = Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchFailed>>>>;

/// The network: its answer to a request.
pub type MemoryNetwork = Rc<dyn Fn(Request<Bytes>) -> Fetching>;

impl MemoryHost {
    /// Connects the host to a network; without one, nothing can be reached.
    pub fn connect_to(&self, network: MemoryNetwork) {
        *self.state.network.borrow_mut() = Some(network);
    }
}

impl Fetch for MemoryHost {
    async fn fetch(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
        wanted: impl FnOnce(&response::Parts) -> bool,
    ) -> Result<Response<Bytes>, FetchFailed> {
        let network = self.state.network.borrow().clone();
        let answer = network.ok_or(FetchFailed::Unreachable)?(request).await?;
        let (head, body) = answer.into_parts();
        if !wanted(&head) {
            return Ok(Response::from_parts(head, Bytes::new()));
        }
        if body.len() > limits.bytes {
            return Err(FetchFailed::TooLarge);
        }
        Ok(Response::from_parts(head, body))
    }
}
