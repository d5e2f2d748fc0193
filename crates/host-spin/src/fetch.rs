//! Outbound HTTP: one request, one answer, within limits.
//!
//! *Invariant:* the host follows no redirect, and its own time-outs end a connection that this
//! instance no longer waits for.

use std::pin::pin;

use bytes::Bytes;
use futures::future::{Either, select};
use host::{Fetch, FetchFailed, FetchLimits};
use http::header::CONTENT_LENGTH;
use http::{Request, Response, response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use spin_sdk::wasip3::clocks::monotonic_clock;
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

use crate::SpinHost;

impl Fetch for SpinHost {
    async fn fetch(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
        wanted: impl FnOnce(&response::Parts) -> bool,
    ) -> Result<Response<Bytes>, FetchFailed> {
        let patience = u64::try_from(limits.patience.as_nanos()).unwrap_or(u64::MAX);
        let options = RequestOptions::new();
        // A host that keeps no time-out of a kind still ends with the clock below.
        let _ = options.set_connect_timeout(Some(patience));
        let _ = options.set_first_byte_timeout(Some(patience));
        let _ = options.set_between_bytes_timeout(Some(patience));
        let (mut head, body) = request.into_parts();
        head.extensions.insert(RequestOptionsExtension(options));
        if !body.is_empty() {
            head.headers.insert(CONTENT_LENGTH, body.len().into());
        }
        let request = Request::from_parts(head, Full::new(body));
        let exchange = async move {
            let answer = spin_sdk::http::send(request).await;
            let (head, body) = answer.map_err(|error| explain(&error))?.into_parts();
            if !wanted(&head) {
                return Ok(Response::from_parts(head, Bytes::new()));
            }
            match Limited::new(body, limits.bytes).collect().await {
                Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
                Err(error) if error.is::<LengthLimitError>() => Err(FetchFailed::TooLarge),
                Err(error) => Err(error
                    .downcast_ref()
                    .map_or(FetchFailed::Unreachable, explain)),
            }
        };
        match select(pin!(exchange), pin!(monotonic_clock::wait_for(patience))).await {
            Either::Left((fetched, _)) => fetched,
            Either::Right(((), _)) => Err(FetchFailed::Slow),
        }
    }
}

/// What the host said goes to the operator's log; the caller learns its kind.
fn explain(error: &ErrorCode) -> FetchFailed {
    eprintln!("fetch: {error:?}");
    match error {
        ErrorCode::DestinationIpProhibited | ErrorCode::HttpRequestDenied => FetchFailed::Blocked,
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::DnsTimeout
        | ErrorCode::HttpResponseTimeout => FetchFailed::Slow,
        _ => FetchFailed::Unreachable,
    }
}
