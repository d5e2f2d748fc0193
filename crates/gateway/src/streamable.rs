//! Streamable HTTP of the legacy era (2025-03-26 to 2025-11-25, Transports, Session Management).
//!
//! *Invariant:* a session is nothing that a token is not needed for, and whoever shows one that is
//! over, or is not theirs, hears that there is none: 404, at which clients begin a new one.

use std::time::Duration;

use bytes::Bytes;
use host::{
    Answer, Audit, Clock, Entropy, Forwarded as _, Mailbox, Questions, Servers, Streams, Toolset,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use mcp::{Body, Client, Era, Header, Malformed, McpHeaders, Message, Revision, rules};
use oauth::{Resource, ServerIdentity};

use crate::conversation::{self, Conversation};
use crate::credentials::Authenticated;
use crate::exchange::Exchange;
use crate::refusal::HttpRefused;
use crate::relay::Reply;
use crate::session::{Beginning, Session, SessionRefused};
use crate::settings::Settings;
use crate::streams::{self, HOLDER, Opening};
use crate::{answer, message};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// Clients do not begin anew by themselves as a rule, so a session outlives every pause of a
/// person's. It costs nobody anything: what a session knows is in its handle.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// `POST /mcp`.
pub(crate) async fn post<H>(
    mut exchange: Exchange<'_, H>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Questions + Servers + Streams + Toolset,
{
    let headers = McpHeaders::read(exchange.headers);
    let body = Body::parse(exchange.body);
    let begins = begins(&headers, &body);
    if in_session(&headers, &body) {
        let whose = (exchange.resource, exchange.caller);
        let session = shown(exchange.host, exchange.settings, whose, headers.session).await?;
        exchange.conversation = session;
    }
    if matches!(body, Ok(Body::Batch(_))) || !takes_streams(exchange.headers) {
        exchange.reply = Reply::Whole;
    }
    let answer = message::answer(&exchange, body).await?;
    Ok(match (begins, answer) {
        (Some(beginning), Answer::Made(answer)) => {
            Answer::Made(begun(&exchange, beginning, answer))
        }
        (_, answer) => answer,
    })
}

/// `DELETE /mcp`: the client will not come back.
pub(crate) async fn end<H>(
    host: &H,
    settings: &Settings,
    whose: (&Resource, &Authenticated),
    headers: &HeaderMap,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Clock + Mailbox + Questions + Servers,
{
    let headers = McpHeaders::read(headers);
    // 2026-07-28, Streamable HTTP: there is nothing to end.
    if rules::revision_by_header(&headers).era() == Era::Modern {
        return Err(HttpRefused::Method("POST"));
    }
    let session = shown(host, settings, whose, headers.session).await?;
    let session = session.ok_or(HttpRefused::Method("POST"))?.session;
    host.end(&session.address(), session.until()).await?;
    conversation::over(host, settings, session.address());
    Ok(Answer::Made(answer::empty(StatusCode::NO_CONTENT)))
}

/// `GET /mcp` with `Last-Event-ID`: what a stream still had to say when it broke off or was closed
/// (2025-11-25, Transports, Resumability and Redelivery).
pub(crate) async fn rest<H>(
    host: &H,
    settings: &Settings,
    (server, resource): (&ServerIdentity, &Resource),
    (caller, headers): (&Authenticated, &HeaderMap),
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Clock + Entropy + Mailbox + Questions + Servers,
{
    let mcp = McpHeaders::read(headers);
    // 2026-07-28, Streamable HTTP: a stream that breaks off is begun anew.
    if rules::revision_by_header(&mcp).era() == Era::Modern {
        return Err(HttpRefused::Method("POST"));
    }
    let session = shown(host, settings, (resource, caller), mcp.session).await?;
    let session = session.ok_or(HttpRefused::Method("DELETE, POST"))?.session;
    let id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let (name, number) = id
        .and_then(|id| session.event(id))
        .ok_or(SessionRefused::Over)?;
    let stream = session.stream(name);
    let holder = jose::encode(host.random::<16>());
    let until = host.now().plus(settings.stream_lifetime());
    host.note(&stream, (HOLDER, &holder), until).await?;
    if !host.take_up(&stream, number, host.now()).await? {
        return Err(SessionRefused::Over.into());
    }
    let mut opening = Opening::of(&stream, settings.stream_lifetime());
    opening.numbered = Some(number);
    opening.holder = Some(holder);
    let answer = streams::open(host, settings, (server, caller), &opening).await?;
    if answer.status() == StatusCode::OK {
        Ok(Answer::Forwarded(answer, HeaderMap::new()))
    } else {
        Err(HttpRefused::Unavailable)
    }
}

/// The session that a body begins, if it does.
fn begins(headers: &McpHeaders<'_>, body: &Result<Body<'_>, Malformed<'_>>) -> Option<Beginning> {
    match body {
        Ok(Body::Single(Message::Request(request)))
            if request.method == "initialize"
                && rules::era(headers, &request.method, &request.params) == Era::Legacy =>
        {
            let wanted = request.params.protocol_version()?;
            let revision = Revision::negotiate(&wanted);
            Some(Beginning {
                revision,
                lifetime: LIFETIME,
                client: Some(Client::initializing(&request.params, revision)),
            })
        }
        _ => None,
    }
}

/// Whether a message is one that a session counts for: the modern era has none, and `initialize`
/// begins one.
fn in_session(headers: &McpHeaders<'_>, body: &Result<Body<'_>, Malformed<'_>>) -> bool {
    let legacy = |method: &str, params| rules::era(headers, method, params) == Era::Legacy;
    match body {
        Ok(Body::Single(Message::Request(request))) => {
            request.method != "initialize" && legacy(&request.method, &request.params)
        }
        Ok(Body::Single(Message::Notification(note))) => legacy(&note.method, &note.params),
        Ok(Body::Single(Message::Response(_)) | Body::Batch(_)) | Err(_) => {
            rules::revision_by_header(headers).era() == Era::Legacy
        }
    }
}

/// The session that a request shows; those that show none need none.
async fn shown<H: Clock + Mailbox + Questions>(
    host: &H,
    settings: &Settings,
    whose: (&Resource, &Authenticated),
    header: Header<'_>,
) -> Result<Option<Conversation>, HttpRefused> {
    let handle = match header {
        Header::Absent => return Ok(None),
        Header::Text(handle) => handle,
        Header::Unreadable => return Err(SessionRefused::NotFound.into()),
    };
    let session = Session::open(handle, settings, whose, host.now())?;
    Conversation::of(host, settings, session).await.map(Some)
}

/// Whether an answer may be a stream. Every client of Streamable HTTP must say so (2025-03-26,
/// Transports, Sending Messages to the Server); those that say otherwise get one text.
fn takes_streams(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    accepted.any(|text| text.contains("text/event-stream"))
}

/// The answer to `initialize`, with the session that it begins.
fn begun<H: Clock + Entropy>(
    exchange: &Exchange<'_, H>,
    beginning: Beginning,
    mut answer: Response<Bytes>,
) -> Response<Bytes> {
    if answer.status() != StatusCode::OK {
        return answer;
    }
    let whose = (exchange.resource, exchange.caller);
    let begun = Session::begin(exchange.host, exchange.settings, whose, beginning);
    // A client that is given none goes on without one.
    if let Some((_, handle)) = begun
        && let Ok(mut value) = HeaderValue::try_from(handle)
    {
        value.set_sensitive(true);
        answer.headers_mut().insert(SESSION_ID, value);
    }
    answer
}
