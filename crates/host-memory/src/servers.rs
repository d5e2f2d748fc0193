//! Servers behind the gateway, as functions.

use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use host::{Chain as _, Chunks, Forwarded, Servers, Unavailable};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};

use crate::{MemoryHost, MemoryInlet};

/// A server: its answer to a request, or nothing where it does not answer.
pub type MemoryServer = Rc<dyn Fn(&Request<Bytes>) -> Option<Response<Bytes>>>;

/// A component of ours that answers in its own time, and perhaps with a stream.
pub type MemoryComponent =
    Rc<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Option<MemoryForwarded>>>>>;

/// A server's answer.
#[derive(Debug)]
pub struct MemoryForwarded(
    /// The whole of it, but for what comes on a stream.
    pub Response<Bytes>,
    /// The body, if it is one.
    pub Option<MemoryInlet>,
);

impl MemoryHost {
    /// Puts a server where the component `name` would be.
    pub fn set_server(&self, name: &str, server: MemoryServer) {
        self.state
            .servers
            .borrow_mut()
            .insert(name.to_owned(), server);
    }

    /// Puts a component where the component `name` would be.
    pub fn set_component(&self, name: &str, component: MemoryComponent) {
        let mut components = self.state.components.borrow_mut();
        components.insert(name.to_owned(), component);
    }
}

impl Servers for MemoryHost {
    type Forwarded = MemoryForwarded;

    async fn forward(
        &self,
        server: &str,
        request: Request<Bytes>,
    ) -> Result<MemoryForwarded, Unavailable> {
        let component = self.state.components.borrow().get(server).cloned();
        if let Some(component) = component {
            return component(request).await.ok_or(Unavailable);
        }
        let found = self.state.servers.borrow().get(server).cloned();
        match found {
            Some(found) => found(&request)
                .map(|answer| MemoryForwarded(answer, None))
                .ok_or(Unavailable),
            // A component of the application itself.
            None => {
                let answer = self.ask(server, request).await?;
                Ok(MemoryForwarded(answer, None))
            }
        }
    }
}

/// The body of a server's answer, a piece at a time.
#[derive(Debug)]
pub struct MemoryChunks(Option<Bytes>, Option<MemoryInlet>);

impl Chunks for MemoryChunks {
    async fn next(&mut self) -> Result<Option<Bytes>, Unavailable> {
        match (self.0.take(), &self.1) {
            (Some(whole), _) => Ok(Some(whole)),
            (None, Some(inlet)) => Ok(inlet.next().await),
            (None, None) => Ok(None),
        }
    }
}

impl Forwarded for MemoryForwarded {
    type Chunks = MemoryChunks;

    fn chunks(self) -> MemoryChunks {
        let whole = self.0.into_body();
        MemoryChunks((!whole.is_empty()).then_some(whole), self.1)
    }

    fn status(&self) -> StatusCode {
        self.0.status()
    }

    fn header(&self, name: &HeaderName) -> Option<HeaderValue> {
        self.0.headers().get(name).cloned()
    }

    async fn read(self, limit: usize) -> Result<Bytes, Unavailable> {
        let mut chunks = self.chunks();
        let mut body = Vec::new();
        while let Some(chunk) = chunks.next().await? {
            body.extend(chunk);
            if body.len() > limit {
                return Err(Unavailable);
            }
        }
        Ok(body.into())
    }
}
