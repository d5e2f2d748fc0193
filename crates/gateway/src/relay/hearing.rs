//! A server's answer, message by message, whether it comes whole or as a stream of events.
//!
//! *Invariant:* nothing is handed on but notifications that the legacy era knows, and then one
//! response; what else a server says ends the call.

use std::collections::VecDeque;

use bytes::Bytes;
use host::{Chunks, Forwarded};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use mcp::event_stream::{Event, Reader};
use mcp::{Body, Message, Refused, notice};

use super::leg::failed;
use crate::message::READ_LIMIT;

/// A server that speaks.
pub(super) struct Hearing<C> {
    server: String,
    source: Source<C>,
}

enum Source<C> {
    Stream(Stream<C>),
    Whole(Option<Bytes>),
}

struct Stream<C> {
    chunks: C,
    reader: Reader,
    unread: VecDeque<Event>,
}

/// One thing that a server says.
pub(super) enum Saying {
    /// On the way, in the words of the legacy era.
    Notification(String),
    /// In the end.
    Response(Bytes),
}

impl<C: Chunks> Hearing<C> {
    /// An answer that is known already.
    pub(super) const fn whole(server: String, answer: Bytes) -> Self {
        let source = Source::Whole(Some(answer));
        Self { server, source }
    }

    /// An answer that begins.
    pub(super) async fn of<F>(server: String, answer: F) -> Result<Self, Refused>
    where
        F: Forwarded<Chunks = C>,
    {
        let status = answer.status();
        // The modern era refuses a message with these (2026-07-28, Errors).
        let refusal = matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND);
        if status != StatusCode::OK && !refusal {
            return Err(failed(&server, "answered with an error status"));
        }
        let source = match media_type(&answer).as_deref() {
            Some("text/event-stream") => Source::Stream(Stream {
                chunks: answer.chunks(),
                reader: Reader::new(READ_LIMIT),
                unread: VecDeque::new(),
            }),
            Some("application/json") => {
                let bytes = answer.read(READ_LIMIT).await;
                Source::Whole(Some(bytes.map_err(|_| broke_off(&server))?))
            }
            _ => return Err(failed(&server, "answered with something that is no JSON")),
        };
        Ok(Self { server, source })
    }

    /// What is said next.
    pub(super) async fn next(&mut self) -> Result<Saying, Refused> {
        let stream = match &mut self.source {
            Source::Whole(answer) => {
                let answer = answer.take().map(Saying::Response);
                return answer.ok_or_else(|| broke_off(&self.server));
            }
            Source::Stream(stream) => stream,
        };
        loop {
            while let Some(event) = stream.unread.pop_front() {
                if let Some(saying) = said(event).map_err(|reason| failed(&self.server, reason))? {
                    return Ok(saying);
                }
            }
            let chunk = stream.chunks.next().await.ok().flatten();
            let chunk = chunk.ok_or_else(|| broke_off(&self.server))?;
            let events = stream.reader.read(&chunk);
            stream.unread = events.map_err(|_| broke_off(&self.server))?.into();
        }
    }
}

/// What an event says, if it says something to this client.
fn said(event: Event) -> Result<Option<Saying>, &'static str> {
    // Only messages are messages, and an event without data is there for its id.
    if !matches!(event.name.as_str(), "" | "message") || event.data.is_empty() {
        return Ok(None);
    }
    match Body::parse(event.data.as_bytes()) {
        Ok(Body::Single(Message::Notification(said))) => {
            Ok(notice::to_legacy(&said).map(Saying::Notification))
        }
        Ok(Body::Single(Message::Response(_))) => Ok(Some(Saying::Response(event.data.into()))),
        Ok(Body::Single(Message::Request(_))) => Err("asks on a stream, where nothing is asked"),
        Ok(Body::Batch(_)) | Err(_) => Err("said something that is no message"),
    }
}

fn broke_off(server: &str) -> Refused {
    failed(server, "broke off its answer, or answered with too much")
}

/// The media type of an answer.
pub(crate) fn media_type(answer: &impl Forwarded) -> Option<String> {
    let value = answer.header(&CONTENT_TYPE)?;
    let essence = value.to_str().ok()?.split(';').next()?;
    Some(essence.trim().to_ascii_lowercase())
}
