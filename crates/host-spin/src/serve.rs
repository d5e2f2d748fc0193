//! The door: a request of Spin's becomes one of ours, and an answer of ours one of Spin's.
//!
//! *Invariant:* a body is read up to a limit and no further, and every answer says its length:
//! without it the host's socket stalls for 40 ms.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use spin_sdk::http::Request;

use crate::{Once, SpinHost};

/// An answer as Spin takes it.
pub type Served = Response<Full<Bytes>>;

/// Serves one request of at most `limit` bytes.
pub async fn serve<S: 'static, E: ToString>(
    request: Request,
    limit: usize,
    settings: &'static Once<S>,
    read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
    handle: impl AsyncFnOnce(&SpinHost, &S, http::Request<Bytes>) -> Response<Bytes>,
) -> Served {
    measured(match prepare(request, limit, settings, read).await {
        Ok((settings, request)) => handle(&SpinHost, settings, request).await,
        Err(answer) => answer,
    })
}

/// The settings and the whole request, or the answer that says why there is none.
pub(crate) async fn prepare<S: 'static, E: ToString>(
    request: Request,
    limit: usize,
    settings: &'static Once<S>,
    read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
) -> Result<(&'static S, http::Request<Bytes>), Response<Bytes>> {
    let settings = settings.settings(read).await.map_err(unavailable)?;
    let request = whole(request, limit).await.map_err(refused)?;
    Ok((settings, request))
}

/// The request with its whole body.
pub(crate) async fn whole(
    request: Request,
    limit: usize,
) -> Result<http::Request<Bytes>, StatusCode> {
    let (head, body) = request.into_parts();
    let announced = head
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(http::Request::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

pub(crate) fn measured(answer: Response<Bytes>) -> Served {
    let (mut head, body) = answer.into_parts();
    // RFC 9110 §8.6: an answer without content has no length.
    if head.status != StatusCode::NO_CONTENT {
        head.headers
            .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Response::from_parts(head, Full::new(body))
}

fn refused(status: StatusCode) -> Response<Bytes> {
    let sentence = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than this endpoint takes",
        _ => "the body could not be read",
    };
    error(status, "invalid_request", sentence)
}

/// Misconfigured: say which variable, so that the operator need not guess.
fn unavailable(reason: &str) -> Response<Bytes> {
    let mut answer = error(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        reason,
    );
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("30"));
    answer
}

fn error(status: StatusCode, code: &str, sentence: &str) -> Response<Bytes> {
    let body = serde_json::json!({ "error": code, "error_description": sentence }).to_string();
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
