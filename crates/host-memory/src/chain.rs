//! Components asking each other, in one thread.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use host::{Chain, Unavailable};
use http::{Request, Response};

use crate::MemoryHost;

/// An answer on its way.
pub type Answer = Pin<Box<dyn Future<Output = Option<Response<Bytes>>>>>;

/// Takes a request to a component; nothing where there is none of that name.
pub type Dispatch = Rc<dyn Fn(&str, Request<Bytes>) -> Answer>;

impl Chain for MemoryHost {
    async fn ask(
        &self,
        component: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Unavailable> {
        let dispatch = self.state.dispatch.borrow().clone().ok_or(Unavailable)?;
        dispatch(component, request).await.ok_or(Unavailable)
    }
}
