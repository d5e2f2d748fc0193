//! From a request to the component that answers it, from outside or from another component.
//!
//! *Invariant:* why a component failed is in the log only; the client sees 500 and no body.

use std::{collections::HashMap, convert::Infallible, net::SocketAddr, sync::OnceLock};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Full};
use wasmtime_wasi_http::{Error, WasiBody, handler::ProxyHandler};

use crate::{
    allowed_hosts,
    client::Client,
    headers::{self, RequestRefused, RouteHeaders},
    instances::Maker,
    routes::{Captures, Pattern},
};

/// Bodies that announce more than this are refused; components set limits of their own.
const MAX_BODY_BYTES: u64 = 128 << 20;

/// What Spin reserves for itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// The address a chained request comes from, as on Spin.
const CHAINED_CLIENT: HeaderValue = HeaderValue::from_static("0.0.0.0:0");

/// One public route.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) pattern: Pattern,
    pub(crate) headers: RouteHeaders,
    pub(crate) component: String,
}

/// The component that a request is for, and why.
struct Match<'a> {
    component: &'a str,
    headers: &'a RouteHeaders,
    captures: Captures<'a>,
}

/// Every component that answers requests, and the way to it.
pub(crate) struct Dispatcher {
    routes: Vec<Route>,
    components: HashMap<String, ProxyHandler<Maker>>,
    chained: RouteHeaders,
    client: Client,
    origin: OnceLock<SocketAddr>,
}

impl Dispatcher {
    /// Puts the routes in the order in which they are tried.
    pub(crate) fn new(
        mut routes: Vec<Route>,
        components: HashMap<String, ProxyHandler<Maker>>,
        chained: RouteHeaders,
        client: Client,
    ) -> Self {
        routes.sort_by(|a, b| a.pattern.specificity(&b.pattern));
        Self {
            routes,
            components,
            chained,
            client,
            origin: OnceLock::new(),
        }
    }

    /// Says where the application itself is reached; the first word counts.
    pub(crate) fn listen_on(&self, origin: SocketAddr) {
        self.origin.get_or_init(|| origin);
    }

    pub(crate) fn origin(&self) -> Option<SocketAddr> {
        self.origin.get().copied()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Answers a request from outside.
    pub(crate) async fn answer(
        &self,
        mut request: Request<WasiBody>,
        client: &HeaderValue,
    ) -> Response<WasiBody> {
        // Transport information, and a name that only chained requests may bear.
        request.headers_mut().remove(header::CONNECTION);
        let host = request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        if host.is_some_and(allowed_hosts::names_component) {
            request.headers_mut().remove(header::HOST);
        }
        let path = request.uri().path().to_owned();
        if let Some(reserved) = path.strip_prefix(WELL_KNOWN) {
            return match reserved {
                "health" => Response::new(full("OK")),
                _ => empty(StatusCode::NOT_FOUND),
            };
        }
        let found = self
            .routes
            .iter()
            .find_map(|route| Some((route, route.pattern.captures(&path)?)));
        match found {
            Some((route, captures)) => {
                let found = Match {
                    component: &route.component,
                    headers: &route.headers,
                    captures,
                };
                self.call(found, request, client).await
            }
            None => empty(StatusCode::NOT_FOUND),
        }
    }

    /// Answers a request from another component.
    pub(crate) async fn chain(
        &self,
        component: &str,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Error> {
        if !self.components.contains_key(component) {
            return Err(Error::DestinationNotFound);
        }
        let trailing = request.uri().path().to_owned();
        let captures = Captures {
            trailing,
            named: Vec::new(),
        };
        let found = Match {
            component,
            headers: &self.chained,
            captures,
        };
        Ok(self.call(found, request, &CHAINED_CLIENT).await)
    }

    async fn call(
        &self,
        found: Match<'_>,
        mut request: Request<WasiBody>,
        client: &HeaderValue,
    ) -> Response<WasiBody> {
        let component = found.component;
        if announced_length(&request).is_some_and(|length| length > MAX_BODY_BYTES) {
            return empty(StatusCode::PAYLOAD_TOO_LARGE);
        }
        match prepare(&mut request, &found, client) {
            Ok(uri) => *request.uri_mut() = uri,
            Err(refused) => {
                tracing::debug!(component, %refused, "request refused");
                return empty(match refused {
                    RequestRefused::Authority => StatusCode::BAD_REQUEST,
                    // As on Spin, though 400 would say it better.
                    RequestRefused::NotUtf8 => StatusCode::INTERNAL_SERVER_ERROR,
                });
            }
        }
        let Some(handler) = self.components.get(component) else {
            return empty(StatusCode::NOT_FOUND);
        };
        let crowd = handler.state().crowd.clone();
        crowd
            .handle(handler, request)
            .await
            .unwrap_or_else(|error| {
                tracing::error!(component, "no response: {error:#}");
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            })
    }
}

fn prepare(
    request: &mut Request<WasiBody>,
    found: &Match<'_>,
    client: &HeaderValue,
) -> Result<Uri, RequestRefused> {
    let uri = headers::complete(request.uri(), request.headers())?;
    found
        .headers
        .append(request.headers_mut(), &uri, &found.captures, client)?;
    Ok(uri)
}

fn announced_length(request: &Request<WasiBody>) -> Option<u64> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn never(never: Infallible) -> Error {
    match never {}
}

fn full(text: &'static str) -> WasiBody {
    Full::new(Bytes::from_static(text.as_bytes()))
        .map_err(never)
        .boxed_unsync()
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(never).boxed_unsync());
    *response.status_mut() = status;
    response
}
