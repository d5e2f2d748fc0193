//! Servers behind the gateway, by service chaining, and their answers passed on as they came.
//!
//! *Invariant:* the body of an answer that is passed on is never copied into this component.

use bytes::Bytes;
use host::{Answer, Chunks, Forwarded, Servers, Unavailable};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use spin_sdk::http::{FromResponse as _, IntoRequest as _, IntoResponse as _};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Response};
use spin_sdk::wasip3::wit_bindgen::{StreamReader, StreamResult};
use spin_sdk::wasip3::wit_future;

use crate::audit::unavailable;
use crate::chain::internal;
use crate::serve::{Unread, measured};
use crate::{Door, Once, SpinHost};

/// A server's answer, as Spin holds it.
#[derive(Debug)]
pub struct Passed(Response);

impl Servers for SpinHost {
    type Forwarded = Passed;

    async fn forward(&self, server: &str, request: Request<Bytes>) -> Result<Passed, Unavailable> {
        let (mut head, body) = request.into_parts();
        head.uri = internal(server, &head.uri).ok_or(Unavailable)?;
        let request = Request::from_parts(head, Full::new(body)).into_request();
        let request = request.map_err(|error| unavailable(server, &error))?;
        let answer = client::send(request).await;
        answer
            .map(Passed)
            .map_err(|error| unavailable(server, &error))
    }
}

/// The body of a server's answer, a piece at a time.
#[derive(Debug)]
pub struct Pieces(StreamReader<u8>);

/// No piece is larger.
const PIECE: usize = 16 << 10;

impl Chunks for Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Unavailable> {
        let (result, piece) = self.0.read(Vec::with_capacity(PIECE)).await;
        match result {
            StreamResult::Complete(_) => Ok(Some(piece.into())),
            // Whether it broke off shows in what is missing from it.
            StreamResult::Dropped | StreamResult::Cancelled => {
                Ok((!piece.is_empty()).then(|| piece.into()))
            }
        }
    }
}

impl Forwarded for Passed {
    type Chunks = Pieces;

    fn chunks(self) -> Pieces {
        let (_accepted, acceptance) = wit_future::new(|| Ok(()));
        let (body, _trailers) = Response::consume_body(self.0, acceptance);
        Pieces(body)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.get_status_code()).unwrap_or(StatusCode::BAD_GATEWAY)
    }

    fn header(&self, name: &HeaderName) -> Option<HeaderValue> {
        let values = self.0.get_headers().get(name.as_str());
        values
            .first()
            .and_then(|value| HeaderValue::from_bytes(value).ok())
    }

    async fn read(self, limit: usize) -> Result<Bytes, Unavailable> {
        let answer = spin_sdk::http::Response::from_response(self.0);
        let answer = answer.map_err(|error| unavailable("a server's answer", &error))?;
        let body = Limited::new(answer.into_body(), limit).collect().await;
        let body = body.map_err(|error| unavailable("a server's answer", &error))?;
        Ok(body.to_bytes())
    }
}

/// Serves one request, whose body `handle` reads when it will, and whose answer may be a server's.
pub async fn serve_or_forward<S: 'static, E: ToString>(
    request: spin_sdk::http::Request,
    door: Door,
    settings: &'static Once<S>,
    read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
    handle: impl AsyncFnOnce(&SpinHost, &S, Request<Unread>) -> Answer<Passed>,
) -> Result<Response, ErrorCode> {
    let answer = match settings.settings(read).await {
        Ok(settings) => handle(&SpinHost, settings, request.map(Unread)).await,
        Err(reason) => Answer::Made(door.misconfigured(&reason.to_string())),
    };
    match answer {
        Answer::Forwarded(Passed(answer), headers) if headers.is_empty() => Ok(answer),
        Answer::Forwarded(Passed(answer), headers) => with_headers(answer, headers),
        Answer::Made(answer) => measured(answer).into_response(),
    }
}

/// The same answer under other headers: its stream and its trailers go into a new one.
fn with_headers(answer: Response, over: HeaderMap) -> Result<Response, ErrorCode> {
    let malformed = |_| ErrorCode::HttpProtocolError;
    let status = answer.get_status_code();
    let mut headers = HeaderMap::try_from(answer.get_headers())?;
    headers.extend(over);
    let (_accepted, acceptance) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(answer, acceptance);
    let (rebuilt, _sent) = Response::new(
        Fields::try_from(headers).map_err(malformed)?,
        Some(body),
        trailers,
    );
    rebuilt
        .set_status_code(status)
        .map_err(|()| ErrorCode::HttpProtocolError)?;
    Ok(rebuilt)
}
