//! Bodies that are written bit by bit, and the door of the component that answers with them.
//!
//! *Invariant:* the end that is written is a stream of the component model, which belongs to the
//! instance and not to the request that made it: whichever request of the instance holds it may
//! write.

use std::time::Duration;

use bytes::Bytes;
use host::{Body as _, Gone, Outlet, Streamed, Streams};
use http::{HeaderMap, StatusCode};
use spin_sdk::http::IntoResponse as _;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Response};
use spin_sdk::wasip3::wit_bindgen::{StreamReader, StreamWriter};
use spin_sdk::wasip3::{wit_future, wit_stream};

use crate::serve::{Door, Unread, measured};
use crate::{Once, SpinHost};

/// The end that is written.
#[derive(Debug)]
pub struct BodyWriter(StreamWriter<u8>);

/// The end that becomes a body.
#[derive(Debug)]
pub struct BodyReader(StreamReader<u8>);

impl Outlet for BodyWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), Gone> {
        let unwritten = self.0.write_all(bytes.into()).await;
        unwritten.is_empty().then_some(()).ok_or(Gone)
    }
}

impl Streams for SpinHost {
    type Outlet = BodyWriter;
    type Inlet = BodyReader;

    fn stream(&self) -> (BodyWriter, BodyReader) {
        let (writer, reader) = wit_stream::new();
        (BodyWriter(writer), BodyReader(reader))
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        spin_sdk::wasip3::spawn(work);
    }

    async fn sleep(&self, time: Duration) {
        spin_sdk::time::sleep(time).await;
    }
}

/// Serves one request whose answer may be a stream.
pub async fn serve_stream<S: 'static, E: ToString>(
    request: spin_sdk::http::Request,
    limit: usize,
    settings: &'static Once<S>,
    read: impl AsyncFnOnce(&SpinHost) -> Result<S, E>,
    handle: impl AsyncFnOnce(&SpinHost, &S, http::Request<Bytes>) -> Streamed<BodyReader>,
) -> Result<Response, ErrorCode> {
    let settings = match settings.settings(read).await {
        Ok(settings) => settings,
        Err(reason) => {
            return measured(Door::from(0).misconfigured(&reason.to_string())).into_response();
        }
    };
    let (head, body) = request.into_parts();
    let answer = match Unread(body).whole(limit).await {
        Ok(body) => handle(&SpinHost, settings, http::Request::from_parts(head, body)).await,
        Err(reason) => Streamed::Made(Door::from(limit).refuse(reason)),
    };
    match answer {
        Streamed::Open(headers, BodyReader(body)) => opened(headers, body),
        Streamed::Made(answer) => measured(answer).into_response(),
    }
}

fn opened(headers: HeaderMap, body: StreamReader<u8>) -> Result<Response, ErrorCode> {
    let headers = Fields::try_from(headers).map_err(|_| ErrorCode::HttpProtocolError)?;
    let (_none, trailers) = wit_future::new(|| Ok(None));
    let (answer, _sent) = Response::new(headers, Some(body), trailers);
    answer
        .set_status_code(StatusCode::OK.as_u16())
        .map_err(|()| ErrorCode::HttpProtocolError)?;
    Ok(answer)
}
