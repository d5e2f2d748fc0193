//! Streamable HTTP of the legacy era (2025-03-26 to 2025-11-25, Transports, Session Management).
//!
//! *Invariant:* a session is nothing that a token is not needed for, and whoever shows one that is
//! over, or is not theirs, hears that there is none: 404, at which clients begin a new one.

use std::time::Duration;

use bytes::Bytes;
use host::{Address, Answer, Audit, Clock, Entropy, Mailbox, Mailed, Servers, Toolset};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use mcp::{Body, Era, Header, Malformed, McpHeaders, Message, Revision, rules};
use oauth::{Resource, Timestamp};

use crate::credentials::Authenticated;
use crate::exchange::Exchange;
use crate::refusal::HttpRefused;
use crate::session::{Session, SessionRefused};
use crate::settings::Settings;
use crate::{answer, message};

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// Clients do not begin anew by themselves as a rule, so a session outlives every pause of a
/// person's. It costs nobody anything: what a session knows is in its handle.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Whether a session has ended may be known so late by other instances.
const KNOWN_FOR: Duration = Duration::from_secs(5);

/// Whether a session had ended, and when that was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lately {
    ended: bool,
    at: Timestamp,
}

/// `POST /mcp`.
pub(crate) async fn post<H>(
    mut exchange: Exchange<'_, H>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Servers + Toolset,
{
    let headers = McpHeaders::read(exchange.headers);
    let body = Body::parse(exchange.body);
    let begins = begins(&headers, &body);
    if in_session(&headers, &body) {
        let whose = (exchange.resource, exchange.caller);
        let session = shown(exchange.host, exchange.settings, whose, headers.session).await?;
        exchange.session = session.map(|session| session.revision());
    }
    let answer = message::answer(&exchange, body).await?;
    Ok(match (begins, answer) {
        (Some(revision), Answer::Made(answer)) => Answer::Made(begun(&exchange, revision, answer)),
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
    H: Clock + Mailbox + Servers,
{
    let headers = McpHeaders::read(headers);
    // 2026-07-28, Streamable HTTP: there is nothing to end.
    if rules::revision_by_header(&headers).era() == Era::Modern {
        return Err(HttpRefused::Method("POST"));
    }
    let session = shown(host, settings, whose, headers.session).await?;
    let session = session.ok_or(HttpRefused::Method("POST"))?;
    host.end(&session.address(), session.until()).await?;
    know(host, settings, session.address(), true);
    Ok(Answer::Made(answer::empty(StatusCode::NO_CONTENT)))
}

/// The revision of the session that a body begins, if it does.
fn begins(headers: &McpHeaders<'_>, body: &Result<Body<'_>, Malformed<'_>>) -> Option<Revision> {
    match body {
        Ok(Body::Single(Message::Request(request)))
            if request.method == "initialize"
                && rules::era(headers, &request.method, &request.params) == Era::Legacy =>
        {
            let wanted = request.params.protocol_version()?;
            Some(Revision::negotiate(&wanted))
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
async fn shown<H: Clock + Mailbox>(
    host: &H,
    settings: &Settings,
    whose: (&Resource, &Authenticated),
    header: Header<'_>,
) -> Result<Option<Session>, HttpRefused> {
    let handle = match header {
        Header::Absent => return Ok(None),
        Header::Text(handle) => handle,
        Header::Unreadable => return Err(SessionRefused::NotFound.into()),
    };
    let session = Session::open(handle, settings, whose, host.now())?;
    if has_ended(host, settings, session.address()).await? {
        return Err(SessionRefused::NotFound.into());
    }
    Ok(Some(session))
}

async fn has_ended<H: Clock + Mailbox>(
    host: &H,
    settings: &Settings,
    address: Address,
) -> Result<bool, HttpRefused> {
    if let Some(lately) = settings.memory().sessions.recall(&address)
        && host.now().since(lately.at) < KNOWN_FOR
    {
        return Ok(lately.ended);
    }
    let ended = host.accepts(&address).await? == Mailed::Ended;
    know(host, settings, address, ended);
    Ok(ended)
}

fn know<H: Clock>(host: &H, settings: &Settings, address: Address, ended: bool) {
    let at = host.now();
    let lately = Lately { ended, at };
    settings.memory().sessions.remember(address, lately);
}

/// The answer to `initialize`, with the session that it begins.
fn begun<H: Clock + Entropy>(
    exchange: &Exchange<'_, H>,
    revision: Revision,
    mut answer: Response<Bytes>,
) -> Response<Bytes> {
    if answer.status() != StatusCode::OK {
        return answer;
    }
    let whose = (exchange.resource, exchange.caller);
    let begun = Session::begin(
        exchange.host,
        exchange.settings,
        whose,
        (revision, LIFETIME),
    );
    // A client that is given none goes on without one.
    if let Some((_, handle)) = begun
        && let Ok(mut value) = HeaderValue::try_from(handle)
    {
        value.set_sensitive(true);
        answer.headers_mut().insert(SESSION_ID, value);
    }
    answer
}
