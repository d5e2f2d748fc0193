//! Servers behind the gateway, as functions.

use std::rc::Rc;

use bytes::Bytes;
use host::{Forwarded, Servers, Unavailable};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};

use crate::MemoryHost;

/// A server: its answer to a request, or nothing where it does not answer.
pub type MemoryServer = Rc<dyn Fn(&Request<Bytes>) -> Option<Response<Bytes>>>;

/// A server's answer.
#[derive(Clone, Debug)]
pub struct MemoryForwarded(
    /// The whole of it.
    pub Response<Bytes>,
);

impl MemoryHost {
    /// Puts a server where the component `name` would be.
    pub fn set_server(&self, name: &str, server: MemoryServer) {
        self.state
            .servers
            .borrow_mut()
            .insert(name.to_owned(), server);
    }
}

impl Servers for MemoryHost {
    type Forwarded = MemoryForwarded;

    async fn forward(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<MemoryForwarded, Unavailable> {
        let found = self.state.servers.borrow().get(server).cloned();
        let answer = found.ok_or(Unavailable)?(&request);
        answer.map(MemoryForwarded).ok_or(Unavailable)
    }
}

impl Forwarded for MemoryForwarded {
    fn status(&self) -> StatusCode {
        self.0.status()
    }

    fn header(&self, name: &HeaderName) -> Option<HeaderValue> {
        self.0.headers().get(name).cloned()
    }

    async fn read(self, limit: usize) -> Result<Bytes, Unavailable> {
        let body = self.0.into_body();
        if body.len() > limit {
            Err(Unavailable)
        } else {
            Ok(body)
        }
    }
}
