//! Bodies that are written slowly, or faster than anybody reads.
//!
//! *Invariant:* at most one chunk waits in the guest, so that the host's pressure is felt.

use std::time::Duration;

use bytes::Bytes;
use futures::{
    SinkExt, StreamExt,
    channel::mpsc::{self, Sender},
};
use http::HeaderValue;
use http::{Response, header::CONTENT_TYPE};
use http_body_util::StreamBody;
use spin_sdk::{
    http::{IntoResponse, Request},
    key_value::Store,
    time::sleep,
};

use crate::answer::{Answer, number, parameter};

const CHUNK: &[u8] = &[b'x'; 64 * 1024];
/// Far above what sockets and hosts buffer, far below what a test machine lacks.
const FLOOD_CHUNKS: u64 = 4096;

/// Server-sent events, one each `ms`; the note in the store tells how the stream ended.
pub(crate) fn events(request: &Request) -> Answer {
    let (count, pause) = (number(request, "count", 3), number(request, "ms", 200));
    let note = parameter(request, "note");
    let (mut sender, response) = body()?;
    spin_sdk::wasip3::spawn(async move {
        let mut end = "complete";
        for event in 0..count {
            if sender
                .send(Bytes::from(format!("data: {event}\n\n")))
                .await
                .is_err()
            {
                end = "cut";
                break;
            }
            sleep(Duration::from_millis(pause)).await;
        }
        write(note.as_deref(), end).await;
    });
    Ok(response)
}

/// As many chunks as the host takes; the note in the store counts them.
pub(crate) fn flood(request: &Request) -> Answer {
    let note = parameter(request, "note");
    let (mut sender, response) = body()?;
    spin_sdk::wasip3::spawn(async move {
        for chunk in 1..=FLOOD_CHUNKS {
            if sender.send(Bytes::from_static(CHUNK)).await.is_err() {
                break;
            }
            if chunk % 8 == 0 {
                write(note.as_deref(), &chunk.to_string()).await;
            }
        }
    });
    Ok(response)
}

fn body() -> Result<(Sender<Bytes>, spin_sdk::wasip3::http::types::Response), spin_sdk::http::Error>
{
    let (sender, receiver) = mpsc::channel(0);
    let frames =
        receiver.map(|bytes| Ok::<_, std::convert::Infallible>(http_body::Frame::data(bytes)));
    let mut response = Response::new(StreamBody::new(frames));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok((sender, response.into_response()?))
}

/// Nobody is left to be told when the store fails; the test then misses the note.
async fn write(note: Option<&str>, text: &str) {
    let Some(note) = note else { return };
    if let Ok(store) = Store::open_default().await
        && let Err(error) = store.set(note, text).await
    {
        eprintln!("the note {note} could not be written: {error:?}");
    }
}
