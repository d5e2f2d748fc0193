//! HTTP with SSE, the transport of 2024-11-05: a stream that is opened with GET, and messages that
//! are posted elsewhere and answered on it.
//!
//! *Invariant:* a message is answered as at `/mcp`; only where the answer goes is another matter.

use host::{
    Address, Answer, Audit, Clock, Entropy, Forwarded, Mail, Mailbox, Mailed, Questions, Servers,
    Streams, Toolset,
};
use http::{HeaderMap, StatusCode};
use mcp::{Body, Client, Era, Malformed, McpHeaders, Message, Refused, Revision, rules};
use oauth::{Resource, ServerIdentity};
use serde_json::value::RawValue;
use std::time::Duration;

use crate::conversation::Conversation;
use crate::credentials::Authenticated;
use crate::exchange::Exchange;
use crate::message::READ_LIMIT;
use crate::refusal::HttpRefused;
use crate::relay::{Asking, Onto, Reply};
use crate::session::{self, Beginning, Session, SessionRefused};
use crate::settings::Settings;
use crate::streams::{self, Opening};
use crate::{answer, message};

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
    let opening = opening(host, settings, at.1, caller).ok_or(HttpRefused::Unavailable)?;
    let answer = streams::open(host, settings, (at.0, caller), &opening).await?;
    if answer.status() == StatusCode::OK {
        Ok(Answer::Forwarded(answer, HeaderMap::new()))
    } else {
        Err(HttpRefused::Unavailable)
    }
}

fn opening<H: Clock + Entropy>(
    host: &H,
    settings: &Settings,
    resource: &Resource,
    caller: &Authenticated,
) -> Option<Opening> {
    let now = host.now();
    let beginning = Beginning {
        // Every message says its own revision, or none; the transport is older than the header.
        revision: Revision::ASSUMED,
        lifetime: settings.stream_lifetime(),
        client: None,
    };
    let (session, handle) = Session::begin(host, settings, (resource, caller), beginning)?;
    Some(Opening {
        session: session.address().session,
        milliseconds: u64::try_from(session.remaining(now).as_millis()).ok()?,
        endpoint: Some(format!("/messages?sessionId={handle}")),
        last_words: None,
        numbered: None,
        holder: None,
    })
}

/// `POST /messages`: 202, and the answer on the stream.
pub(crate) async fn post<H>(
    mut exchange: Exchange<'_, H>,
    query: Option<&str>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Questions + Servers + Streams + Toolset,
{
    let host = exchange.host;
    let handle = session::parameter(query.unwrap_or_default())?;
    let whose = (exchange.resource, exchange.caller);
    let session = Session::open(handle, exchange.settings, whose, host.now())?;
    let address = session.address();
    // Before anything is done: a tool that ran and whose answer nobody gets may run again.
    taken(host.accepts(&address).await?)?;
    legacy_alone(exchange.headers)?;
    let body = Body::parse(exchange.body);
    let conversation = Conversation::of(host, exchange.settings, session).await?;
    if let Some(client) = introduced(&body) {
        let settings = exchange.settings;
        conversation.introduce(host, settings, &client).await?;
    }
    let until = conversation.session.until();
    exchange.conversation = Some(conversation);
    exchange.reply = match body {
        Ok(Body::Batch(_)) => Reply::Whole,
        Ok(Body::Single(_)) | Err(_) => Reply::Onto(Onto {
            stream: address.clone(),
            ends: false,
            kept: false,
            asking: Asking::of(&exchange, until),
        }),
    };
    let said = match message::answer(&exchange, body).await? {
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

/// What the client says of itself, if this is where it does.
fn introduced(body: &Result<Body<'_>, Malformed<'_>>) -> Option<Client> {
    match body {
        Ok(Body::Single(Message::Request(request))) if request.method == "initialize" => {
            let wanted = request.params.protocol_version()?;
            let revision = Revision::negotiate(&wanted);
            Some(Client::initializing(&request.params, revision))
        }
        _ => None,
    }
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
    let mailed = host.mail(address, Mail::until(deadline, message)).await?;
    Ok(taken(mailed)?)
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
