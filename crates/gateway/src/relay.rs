//! What a server says on the way to its answer, and what it asks, handed to a client of the legacy
//! era on a stream.
//!
//! The stream is held by the component `streams`; this instance puts mail for it while the server
//! speaks, and nobody waits while a person thinks: whoever hears the last answer goes on.
//!
//! *Invariant:* a stream carries what belongs to its own request, and its one response is the last.

mod hearing;
mod leg;
mod onto;
mod whole;

use std::time::Duration;

use host::{
    Address, Answer, Clock, Entropy, Forwarded as _, Mail, Mailbox, Questions, Servers, Streams,
};
use http::{HeaderMap, StatusCode};
use mcp::{Refused, RequestId};

use crate::exchange::Exchange;
use crate::refusal::HttpRefused;
use crate::session::Session;
use crate::streams::{self, Opening};

pub(crate) use hearing::media_type;
pub(crate) use leg::{Begun, Leg, ask};
use onto::NEVER;
pub(crate) use onto::{Asking, Onto, Reply};
pub(crate) use whole::whole;

/// A call whose client comes back for it may take so long, whatever its streams may.
const CALL: Duration = Duration::from_hours(1);

/// Opens a stream for a request's answer, on which the rest of it comes.
pub(crate) async fn open<H>(
    exchange: &Exchange<'_, H>,
    leg: Leg<H::Forwarded>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Clock + Entropy + Mailbox + Questions + Servers + Streams,
{
    let host = exchange.host;
    let name = jose::encode(host.random::<16>());
    let conversation = exchange.conversation.as_ref();
    let session = conversation.map(|conversation| &conversation.session);
    let kept = session.is_some_and(Session::resumes);
    let stream = match session {
        Some(session) => session.stream(&name),
        None => Address {
            session: name,
            subject: exchange.caller.caller.person.subject.clone(),
        },
    };
    let held = exchange.settings.stream_lifetime();
    let lifetime = if kept { held.max(CALL) } else { held };
    let until = host.now().plus(lifetime);
    let never = last_words(&leg, lifetime);
    let mut opening = Opening::of(&stream, held);
    if kept {
        opening.numbered = Some(0);
        let mail = Mail::until(until.plus(held), &never).last(true).kept(true);
        host.mail(&stream, mail.unless(NEVER, until)).await?;
    } else {
        opening.last_words = Some(never);
    }
    let at = (exchange.server, exchange.caller);
    let answer = streams::open(host, exchange.settings, at, &opening).await?;
    if answer.status() != StatusCode::OK {
        return Err(HttpRefused::Unavailable);
    }
    let onto = Onto {
        stream,
        ends: true,
        kept,
        asking: Asking::of(exchange, until),
    };
    host.spawn(leg::run(host.clone(), leg, onto));
    Ok(Answer::Forwarded(answer, HeaderMap::new()))
}

/// Lets a request's answer, and whatever comes before it, go where its client reads.
pub(crate) fn send<H>(host: &H, leg: Leg<H::Forwarded>, onto: Onto)
where
    H: Clock + Entropy + Mailbox + Questions + Servers + Streams,
{
    host.spawn(leg::run(host.clone(), leg, onto));
}

/// What is said when the stream has been held for as long as it may be.
fn last_words<F>(leg: &Leg<F>, lifetime: Duration) -> String {
    let refused = Refused::ServerSlow {
        server: leg.server.clone(),
        seconds: lifetime.as_secs(),
    };
    let error = mcp::error(RequestId::read(&leg.id), &refused);
    String::from_utf8_lossy(&error).into_owned()
}
