//! HTTP with SSE, the transport of 2024-11-05: a stream that is opened with GET, and messages that
//! are posted elsewhere and answered on it.
//!
//! *Invariant:* a message is answered as at `/mcp`; only where the answer goes is another matter.

use bytes::Bytes;
use host::{Address, Answer, Audit, Clock, Entropy, Forwarded, Mailbox, Mailed, Servers, Toolset};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use mcp::{Body, Era, McpHeaders, Refused, Revision, rules};
use oauth::{Resource, ServerIdentity};
use serde_json::value::RawValue;
use std::time::Duration;

use crate::credentials::Authenticated;
use crate::exchange::Exchange;
use crate::message::READ_LIMIT;
use crate::refusal::HttpRefused;
use crate::session::{self, Session, SessionRefused};
use crate::settings::Settings;
use crate::streams::{COMPONENT, Opening};
use crate::{answer, assertion, message};

/// An answer that its stream has not taken by then is lost: the client has given up.
const DEADLINE: Duration = Duration::from_mins(1);

/// `GET /sse`: the stream is held elsewhere, and its body passes through here unread.
pub(crate) async fn open<H>(
    host: &H,
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    caller: &Authenticated,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Clock + Entropy + Servers,
{
    let request = opening(host, settings, at, caller).ok_or(HttpRefused::Unavailable)?;
    let answer = host.forward(COMPONENT, request).await?;
    if answer.status() == StatusCode::OK {
        Ok(Answer::Forwarded(answer, HeaderMap::new()))
    } else {
        Err(HttpRefused::Unavailable)
    }
}

fn opening<H: Clock + Entropy>(
    host: &H,
    settings: &Settings,
    (server, resource): (&ServerIdentity, &Resource),
    caller: &Authenticated,
) -> Option<Request<Bytes>> {
    let now = host.now();
    // Every message says its own revision, or none; the transport is older than the header.
    let as_what = (Revision::ASSUMED, settings.stream_lifetime());
    let (session, handle) = Session::begin(host, settings, (resource, caller), as_what)?;
    let opening = Opening {
        session: session.address().session,
        milliseconds: u64::try_from(session.remaining(now).as_millis()).ok()?,
        endpoint: format!("/messages?sessionId={handle}"),
    };
    let assertion = assertion::for_component(settings, server, caller, COMPONENT, now)?;
    let mut request = Request::post("/").body(serde_json::to_vec(&opening).ok()?.into());
    let headers = request.as_mut().ok()?.headers_mut();
    headers.insert(
        AUTHORIZATION,
        HeaderValue::try_from(format!("Bearer {assertion}")).ok()?,
    );
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.ok()
}

/// `POST /messages`: 202, and the answer on the stream.
pub(crate) async fn post<H>(
    exchange: &Exchange<'_, H>,
    query: Option<&str>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Mailbox + Servers + Toolset,
{
    let host = exchange.host;
    let handle = session::parameter(query.unwrap_or_default())?;
    let whose = (exchange.resource, exchange.caller);
    let session = Session::open(handle, exchange.settings, whose, host.now())?;
    let address = session.address();
    // Before anything is done: a tool that ran and whose answer nobody gets may run again.
    taken(host.accepts(&address).await?)?;
    legacy_alone(exchange.headers)?;
    let said = match message::answer(exchange, Body::parse(exchange.body)).await? {
        Answer::Made(answer) if answer.status() == StatusCode::OK => answer.into_body(),
        // What has no answer, and what was refused without knowing whose answer that would be.
        Answer::Made(answer) => return Ok(Answer::Made(answer)),
        Answer::Forwarded(answer, _) => answer.read(READ_LIMIT).await?,
    };
    for message in each(&said) {
        mail(host, &address, message).await?;
    }
    Ok(Answer::Made(answer::empty(StatusCode::ACCEPTED)))
}

/// The modern era has no sessions, and answers where it was asked.
fn legacy_alone(headers: &HeaderMap) -> Result<(), Refused> {
    let revision = rules::revision_by_header(&McpHeaders::read(headers));
    match revision.era() {
        Era::Legacy => Ok(()),
        Era::Modern => Err(Refused::VersionHeaderUnknown),
    }
}

async fn mail<H: Clock + Mailbox>(
    host: &H,
    address: &Address,
    message: &str,
) -> Result<(), HttpRefused> {
    let deadline = host.now().plus(DEADLINE);
    Ok(taken(host.mail(address, message, deadline).await?)?)
}

const fn taken(mailed: Mailed) -> Result<(), SessionRefused> {
    match mailed {
        Mailed::Waiting => Ok(()),
        Mailed::Ended => Err(SessionRefused::NotFound),
        Mailed::Full => Err(SessionRefused::Full),
    }
}

/// The messages of an answer: clients of this transport take one in an event.
fn each(answer: &[u8]) -> Vec<&str> {
    let batch: Result<Vec<&RawValue>, _> = serde_json::from_slice(answer);
    match batch {
        Ok(messages) => messages.into_iter().map(RawValue::get).collect(),
        Err(_) => std::str::from_utf8(answer).into_iter().collect(),
    }
}
