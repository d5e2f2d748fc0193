//! Answers of our own.
//!
//! *Invariant:* what a person's token bought is never kept by a cache.

use bytes::Bytes;
use host::Answer;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response<Bytes> {
    let mut answer = empty(status);
    *answer.body_mut() = Bytes::from(body);
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    answer
}

/// An answer without content.
pub(crate) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The same answer with `headers` put over its own.
pub(crate) fn with_headers<F>(answer: Answer<F>, headers: HeaderMap) -> Answer<F> {
    match answer {
        Answer::Forwarded(answer, _) => Answer::Forwarded(answer, headers),
        Answer::Made(mut answer) => {
            answer.headers_mut().extend(headers);
            Answer::Made(answer)
        }
    }
}
