//! The door: a request of Spin's becomes one of ours, and an answer of ours one of Spin's.
//!
//! *Invariant:* a body is read up to a limit and no further, and every answer says its length:
//! without it the host's socket stalls for 40 ms.

use bytes::Bytes;
use host::{Body, BodyRefused};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use spin_sdk::http::Request;
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

use crate::{Once, SpinHost};

/// An answer as Spin takes it.
pub type Served = Response<Full<Bytes>>;

/// A body that nobody has read yet.
pub struct Unread(pub(crate) IncomingRequestBody);

impl Body for Unread {
    async fn whole(self, limit: usize) -> Result<Bytes, BodyRefused> {
        match Limited::new(self.0, limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(BodyRefused::TooLarge),
            Err(_) => Err(BodyRefused::Unreadable),
        }
    }
}

/// How much may come in, and how a component refuses what its flow never sees.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    limit: usize,
    refusal: fn(StatusCode, &str) -> Response<Bytes>,
}

impl Door {
    /// Bodies of at most `limit` bytes, and refusals as `refusal` words them.
    #[must_use]
    pub const fn new(limit: usize, refusal: fn(StatusCode, &str) -> Response<Bytes>) -> Self {
        Self { limit, refusal }
    }

    pub(crate) fn refuse(self, reason: BodyRefused) -> Response<Bytes> {
        let status = match reason {
            BodyRefused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            BodyRefused::Unreadable => StatusCode::BAD_REQUEST,
        };
        (self.refusal)(status, &reason.to_string())
    }

    /// Misconfigured: say which variable, so that the operator need not guess.
    pub(crate) fn misconfigured(self, reason: &str) -> Response<Bytes> {
        let mut answer = (self.refusal)(StatusCode::SERVICE_UNAVAILABLE, reason);
        answer
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("30"));
        answer
    }
}

impl From<usize> for Door {
    /// For programs: JSON as OAuth words it (RFC 6749 §5.2).
    fn from(limit: usize) -> Self {
        Self::new(limit, error)
    }
}

/// Serves one request through `door`: a limit, or what refuses in the component's own words.
pub async fn serve<S: 'static, E: ToString>(
    request: Request,
    door: impl Into<Door>,
    settings: &'static Once<S>,
    read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
    handle: impl AsyncFnOnce(&SpinHost, &S, http::Request<Bytes>) -> Response<Bytes>,
) -> Served {
    let door = door.into();
    let settings = match settings.settings(read).await {
        Ok(settings) => settings,
        Err(reason) => return measured(door.misconfigured(&reason)),
    };
    let (head, body) = request.into_parts();
    measured(match Unread(body).whole(door.limit).await {
        Ok(body) => handle(&SpinHost, settings, http::Request::from_parts(head, body)).await,
        Err(reason) => door.refuse(reason),
    })
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

fn error(status: StatusCode, sentence: &str) -> Response<Bytes> {
    let code = if status == StatusCode::SERVICE_UNAVAILABLE {
        "temporarily_unavailable"
    } else {
        "invalid_request"
    };
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
