//! What the host made of a request, and bodies that go back as they came.
//!
//! *Invariant:* headers are shown in the host's order and number, never merged.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::SET_COOKIE};
use serde_json::json;
use spin_sdk::http::{EmptyBody, IntoResponse, Request, body::IncomingBodyExt};

use crate::answer::{self, Answer};

/// The request as the guest sees it.
pub(crate) async fn echo(request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let body = body.bytes().await?;
    let headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    answer::json(&json!({
        "method": parts.method.as_str(),
        "authority": parts.uri.authority().map(ToString::to_string),
        "path": parts.uri.path_and_query().map(ToString::to_string),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
}

/// The body of the request, streamed back.
pub(crate) fn raw(request: Request) -> Answer {
    Ok(Response::new(request.into_body()).into_response()?)
}

/// Two cookies in two header fields (RFC 6265 §3: they must never be folded into one).
pub(crate) fn cookies() -> Answer {
    let mut response = Response::new(EmptyBody::new());
    for cookie in [
        "first=1; Path=/",
        "second=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    ] {
        response
            .headers_mut()
            .append(SET_COOKIE, HeaderValue::from_static(cookie));
    }
    *response.status_mut() = StatusCode::OK;
    Ok(response
        .map(|body: http_body_util::Empty<Bytes>| body)
        .into_response()?)
}
