//! One leg of a call: from a request to a server until it answers or asks.
//!
//! *Invariant:* a leg whose reader has left ends at the next thing it would have said, and the
//! server's answer is dropped with it.

use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use host::{Clock, Entropy, Forwarded, Mailbox, Mailed, Questions, Servers, Streams, Unavailable};
use http::Request;
use mcp::{InputRequired, Refused, ReplyRefused, RequestId, results};
use serde_json::value::RawValue;

use super::hearing::{Hearing, Saying};
use super::onto::Onto;
use crate::questions;

/// A server that was asked, or is about to be.
pub(crate) struct Leg<F> {
    pub(crate) said: Begun<F>,
    /// The server's name.
    pub(crate) server: String,
    /// The id of the client's request.
    pub(crate) id: Box<RawValue>,
}

/// An answer that will come.
type Awaited<F> = Pin<Box<dyn Future<Output = Result<F, Unavailable>>>>;

/// A call that is not answered by then is worth a stream, where that outlives the connection.
const SOON: Duration = Duration::from_millis(500);

/// How far a leg is.
pub(crate) enum Begun<F> {
    /// Not asked yet: a component, and what it will be asked.
    Asked(String, Box<Request<Bytes>>),
    /// It has been asked, and takes its time.
    Awaited(Awaited<F>),
    /// It answers.
    Answers(F),
    /// This is its answer.
    Answered(Bytes),
}

impl<F> Leg<F> {
    /// A leg, if the id can be kept.
    pub(crate) fn new(server: &str, id: RequestId<'_>, said: Begun<F>) -> Option<Self> {
        Some(Self {
            said,
            server: server.to_owned(),
            id: RawValue::from_string(id.as_json().to_owned()).ok()?,
        })
    }
}

impl<F: Forwarded> Leg<F> {
    /// Listens to the server.
    pub(super) async fn hear<H>(self, host: &H) -> Result<Hearing<F::Chunks>, Refused>
    where
        H: Servers<Forwarded = F>,
    {
        let failed = |Unavailable| failed(&self.server, "does not answer");
        let answer = match self.said {
            Begun::Asked(component, request) => {
                let answer = host.forward(&component, *request).await;
                answer.map_err(failed)?
            }
            Begun::Awaited(answer) => answer.await.map_err(failed)?,
            Begun::Answers(answer) => answer,
            Begun::Answered(bytes) => return Ok(Hearing::whole(self.server, bytes)),
        };
        Hearing::of(self.server, answer).await
    }
}

/// Asks a server, and waits for an answer that comes soon.
pub(crate) async fn ask<H: Clock + Servers + Streams>(
    host: &H,
    component: &str,
    request: Request<Bytes>,
) -> Result<Begun<H::Forwarded>, Unavailable> {
    let (asking, component) = (host.clone(), component.to_owned());
    let answer: Awaited<H::Forwarded> =
        Box::pin(async move { asking.forward(&component, request).await });
    match select(answer, pin!(host.pause(SOON))).await {
        Either::Left((answer, _)) => answer.map(Begun::Answers),
        Either::Right(((), answer)) => Ok(Begun::Awaited(answer)),
    }
}

pub(super) fn failed(server: &str, reason: &'static str) -> Refused {
    Refused::ServerFailed {
        server: server.to_owned(),
        reason,
    }
}

/// Why a leg stops where it is.
enum Stopped {
    /// It is refused, which the client is told.
    Refused(Refused),
    /// Nobody would hear of it.
    Unheard,
}

/// Goes all of the way.
pub(super) async fn run<H>(host: H, leg: Leg<H::Forwarded>, onto: Onto)
where
    H: Clock + Entropy + Mailbox + Questions + Servers + Streams,
{
    let id = leg.id.clone();
    if let Err(Stopped::Refused(refused)) = follow(&host, leg, &onto).await {
        let error = mcp::error(RequestId::read(&id), &refused);
        // Who has left needs no answer.
        _ = onto.say_last(&host, &error).await;
    }
}

async fn follow<H>(host: &H, leg: Leg<H::Forwarded>, onto: &Onto) -> Result<(), Stopped>
where
    H: Clock + Entropy + Mailbox + Questions + Servers + Streams,
{
    let (server, id) = (leg.server.clone(), leg.id.clone());
    let mut hearing = leg.hear(host).await?;
    let response = loop {
        match hearing.next().await? {
            Saying::Notification(text) => heard(onto.say(host, &text).await)?,
            Saying::Response(response) => break response,
        }
    };
    let answered = |reason| answered(&server, reason);
    let id = RequestId::read(&id).ok_or(Refused::IdMalformed)?;
    let reply = mcp::Reply::read(&response, id).map_err(answered)?;
    let result = match reply {
        mcp::Reply::Error(_) => return heard(onto.say_last(host, &reply.write(id)).await),
        mcp::Reply::Result(result) => result,
    };
    if let Some(required) = InputRequired::read(result).map_err(answered)? {
        return match questions::ask(host, onto, (&server, id), required).await? {
            Ok(()) => Ok(()),
            Err(refused) => Err(refused.into()),
        };
    }
    let result = results::to_legacy(result).map_err(answered)?;
    heard(onto.say_last(host, &mcp::result(id, &result)).await)
}

fn heard(mailed: Result<Mailed, Unavailable>) -> Result<(), Stopped> {
    match mailed {
        Ok(Mailed::Waiting) => Ok(()),
        // A stream that nobody reads, or a store that nobody reads from.
        Ok(Mailed::Ended | Mailed::Full) | Err(Unavailable) => Err(Stopped::Unheard),
    }
}

pub(super) fn answered(server: &str, reason: ReplyRefused) -> Refused {
    failed(
        server,
        match reason {
            ReplyRefused::Incomplete => "asks for input that this client's revision cannot give",
            ReplyRefused::Malformed => "answered with something that is no JSON-RPC response",
            ReplyRefused::OtherId => "answered another request than it was asked",
        },
    )
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Unavailable> for Stopped {
    fn from(Unavailable: Unavailable) -> Self {
        Self::Unheard
    }
}
