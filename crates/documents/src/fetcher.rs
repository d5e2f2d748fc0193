//! The words between the component `client-documents` and those that ask it.
//!
//! *Invariant:* a question is an address and a kind, and nothing of whoever asks goes along.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use oauth::client_document::{DocumentUrl, FetchRefused, Fetched, Kind};

/// The component, as others call it.
pub const COMPONENT: &str = "client-documents";

/// A request for what is at `url`.
pub fn request(kind: Kind, url: &DocumentUrl) -> http::Result<Request<Bytes>> {
    let request = Request::post(path(kind)).header(CONTENT_TYPE, "text/plain");
    request.body(Bytes::copy_from_slice(url.as_str().as_bytes()))
}

/// Where a kind of document is asked for.
#[must_use]
pub fn path(kind: Kind) -> String {
    format!("/{}", kind.as_str())
}

/// The kind that is asked for at a path.
#[must_use]
pub fn kind_of(called: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| path(*kind) == called)
}

/// What an answer says to whoever asked.
pub fn read(answer: Response<Bytes>) -> Result<Fetched, FetchRefused> {
    let (head, body) = answer.into_parts();
    if head.status != StatusCode::OK {
        let refused = serde_json::from_slice(&body);
        return Err(refused.unwrap_or(FetchRefused::FetcherUnavailable));
    }
    let cache_control = head.headers.get(CACHE_CONTROL);
    Ok(Fetched {
        text: String::from_utf8(body.into()).map_err(|_| FetchRefused::Encoding)?,
        cache_control: cache_control.and_then(|value| value.to_str().ok().map(str::to_owned)),
    })
}
