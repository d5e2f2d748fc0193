//! Requests that guests send: to hosts they may reach, or to other components.
//!
//! *Invariant:* nothing leaves before an entry of `allowed_outbound_hosts` allows it.

use std::sync::{Arc, Weak};

use http::{Request, Response, Uri, header::HOST, uri::Scheme};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::{allowed_hosts, dispatch::Dispatcher, guest::Grants};

/// What wasmtime expects of a request on its way: the response, and the rest of its transport.
pub(crate) type Sending =
    Box<dyn Future<Output = Result<(Response<WasiBody>, Transport), Error>> + Send>;

type Transport = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// The hooks of one instance.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    grants: Arc<Grants>,
    dispatcher: Weak<Dispatcher>,
}

impl Outbound {
    pub(crate) fn new(grants: Arc<Grants>, dispatcher: Weak<Dispatcher>) -> Self {
        Self { grants, dispatcher }
    }

    async fn send(
        self,
        mut request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let dispatcher = self
            .dispatcher
            .upgrade()
            .ok_or(Error::ConnectionTerminated)?;
        let to_self = addresses_self(request.uri());
        let allowed = if to_self {
            allowed_hosts::allow_self(&self.grants.allowed_hosts)
        } else {
            allowed_hosts::allow(&self.grants.allowed_hosts, request.uri())
        };
        if !allowed {
            tracing::warn!(
                component = self.grants.component,
                host = request.uri().host().unwrap_or("self"),
                "request denied: the host is not in allowed_outbound_hosts"
            );
            return Err(Error::HttpRequestDenied);
        }
        // HTTP/1 gets it back from the URI; HTTP/2 has :authority instead.
        request.headers_mut().remove(HOST);
        if to_self {
            let origin = dispatcher.origin().ok_or(Error::HttpRequestUriInvalid)?;
            *request.uri_mut() = rebase(request.uri(), &origin.to_string())?;
        }
        match allowed_hosts::chaining_target(request.uri()) {
            Some(component) => {
                let component = component.to_owned();
                dispatcher.chain(&component, request).await
            }
            None => {
                let client = dispatcher.client();
                client.send(&self.grants.component, request, options).await
            }
        }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Sending {
        let sending = self.clone().send(request, options.unwrap_or_default());
        Box::new(async move {
            let response = sending.await?;
            // The pooled client drives its connections itself.
            Ok((response, Box::new(async { Ok(()) }) as Transport))
        })
    }
}

/// A request without a host is for the application itself, as is one for `self.alt`.
fn addresses_self(uri: &Uri) -> bool {
    uri.host()
        .is_none_or(|host| host.is_empty() || host == "self.alt")
}

fn rebase(uri: &Uri, authority: &str) -> Result<Uri, Error> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let rebased = Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(authority)
        .path_and_query(path)
        .build();
    rebased.map_err(|_| Error::HttpRequestUriInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_a_host_goes_to_the_application_itself() {
        for (uri, own) in [
            ("/x?y", true),
            ("http://self.alt/x", true),
            ("http://self/x", false),
            ("http://a/x", false),
        ] {
            assert_eq!(addresses_self(&uri.parse().expect("a URI")), own, "{uri}");
        }
        let rebased = rebase(&Uri::from_static("/x?y"), "127.0.0.1:3000").expect("a URI");
        assert_eq!(rebased, "http://127.0.0.1:3000/x?y");
    }
}
