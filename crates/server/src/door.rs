//! From an HTTP request to a request of the protocol.
//!
//! *Invariant:* a body is looked at only once the gateway has said who calls.

use std::sync::Arc;

use bytes::Bytes;
use host::{Clock, Entropy, Streamed, Streams};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use mcp::{Body, Era, McpHeaders, Message, Refused, rules};
use oauth::Timestamp;
use oauth::assertion::{AssertionRefused, Calling};
use serde_json::json;

use crate::answer::Written;
use crate::settings::{Settings, Shared};
use crate::wanted::{Id, Wanted};
use crate::{Server, listen, method, stream};

/// Why a request gets no further.
#[derive(Debug)]
enum Turned {
    /// A notification: there is nothing to say.
    Accepted,
    /// Not a POST.
    Method,
    /// By the protocol.
    Refused(Option<Id>, Refused),
    /// The gateway did not say who calls, or not to us.
    Unproven(Option<AssertionRefused>),
}

/// Answers one HTTP request.
pub async fn handle<H, S>(
    host: &H,
    settings: &Settings<S>,
    request: Request<Bytes>,
) -> Streamed<H::Inlet>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let Settings(shared) = settings;
    match wanted::<H, S>(shared, request, host.now()) {
        Err(turned) => Streamed::Made(turned.response()),
        Ok(wanted) if wanted.method == method::Method::Listen => {
            listen::answer(host, shared, wanted).await
        }
        Ok(wanted) => stream::answer(host, shared, wanted).await,
    }
}

fn wanted<H, S: Server<H>>(
    shared: &Arc<Shared<S>>,
    request: Request<Bytes>,
    now: Timestamp,
) -> Result<Wanted, Turned> {
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return Err(Turned::Method);
    }
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header(header::AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
    let bearer = bearer.ok_or(Turned::Unproven(None))?;
    let calling = shared.believe(bearer, now);
    let calling = calling.map_err(|refused| Turned::Unproven(Some(refused)))?;
    let media_type = header(header::CONTENT_TYPE).and_then(|text| text.split(';').next());
    if !media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Turned::Refused(None, Refused::MediaType));
    }
    let headers = McpHeaders::read(&head.headers);
    let request = match Body::parse(&body) {
        Ok(Body::Single(Message::Request(request))) => request,
        Ok(Body::Single(Message::Notification(notification))) => {
            let noted = rules::note(headers, &notification);
            return Err(noted.map_or_else(
                |refused| Turned::Refused(None, refused),
                |()| Turned::Accepted,
            ));
        }
        Ok(Body::Single(Message::Response(_))) => {
            return Err(Turned::Refused(None, Refused::ResponseUnexpected));
        }
        Ok(Body::Batch(_)) => return Err(Turned::Refused(None, Refused::BatchRemoved)),
        Err(malformed) => {
            let id = malformed.id.and_then(Id::keep);
            return Err(Turned::Refused(id, malformed.reason));
        }
    };
    let offered = shared.server.offered();
    let admit = |calling: Calling| {
        rules::admit_modern(headers, &request)?;
        let method = method::Method::parse(&request.method, offered)?;
        Wanted::new(&request, method, calling, head.headers.clone())
    };
    admit(calling).map_err(|refused| Turned::Refused(Id::keep(request.id), refused))
}

impl Turned {
    fn response(self) -> Response<Bytes> {
        let (status, body) = match &self {
            Self::Accepted => (StatusCode::ACCEPTED, Vec::new()),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, Vec::new()),
            Self::Refused(Some(id), refused) => (refused.status(Era::Modern), id.error(refused)),
            Self::Refused(None, refused) => {
                (refused.status(Era::Modern), mcp::error(None, refused))
            }
            Self::Unproven(reason) => {
                let reason = reason.map_or_else(
                    || "the gateway did not say who calls".to_owned(),
                    |reason| reason.to_string(),
                );
                let body = json!({ "error": reason }).to_string();
                (StatusCode::UNAUTHORIZED, body.into_bytes())
            }
        };
        let mut response = Written { status, body }.response();
        let headers = response.headers_mut();
        match self {
            Self::Accepted => {
                headers.remove(header::CONTENT_TYPE);
            }
            Self::Method => {
                headers.remove(header::CONTENT_TYPE);
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            // RFC 9110 §15.5.2: a 401 says how to do better.
            Self::Unproven(_) => {
                let how = HeaderValue::from_static("Bearer");
                headers.insert(header::WWW_AUTHENTICATE, how);
            }
            Self::Refused(..) => {}
        }
        response
    }
}
