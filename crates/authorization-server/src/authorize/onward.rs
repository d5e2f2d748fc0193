//! On to the provider: the pending sign-in is sealed into this browser.
//!
//! *Invariant:* it is born here, after somebody agreed, in the answer that sends them on.

use bytes::Bytes;
use host::{Audit, Clock, Entropy, Event};
use http::{Request, Response};
use oauth::authorize::AuthorizationRequest;
use oauth::session::Session;
use oauth::{Agreed, Scopes, ServerIdentity, Source, Transaction, TransactionId};

use super::Settings;
use crate::answer;
use crate::cookies::CookieKind;

/// The most characters of the cookie's value: three of them still fit through any proxy.
const LONGEST_COOKIE: usize = 1500;

/// Sends the browser on as the person of `session`, who agreed to this before; nothing if that
/// cannot be sealed.
pub(super) fn as_before<H>(
    host: &H,
    settings: &Settings,
    sent: (&ServerIdentity, &Request<Bytes>),
    (id, asked, scopes): (&TransactionId, &AuthorizationRequest, Scopes),
    session: &Session,
) -> Option<Response<Bytes>>
where
    H: Audit + Clock + Entropy,
{
    let agreed = Agreed {
        request: asked,
        scopes,
        before: Some(&session.person),
    };
    let sent = to_provider(host, settings, sent, (id, agreed), &session.source)?;
    host.record(Event {
        flow: Some(id.flow().to_string()),
        subject: Some(session.person.subject.to_string()),
        client: asked.client.name().map(str::to_owned),
        ..Event::new("consent.remembered")
    });
    Some(sent)
}

/// Sends the browser to `source`, with what was agreed; nothing if it cannot be sealed.
pub(super) fn to_provider<H>(
    host: &H,
    settings: &Settings,
    (server, request): (&ServerIdentity, &Request<Bytes>),
    (id, agreed): (&TransactionId, Agreed<'_>),
    source: &Source,
) -> Option<Response<Bytes>>
where
    H: Clock + Entropy,
{
    let issuer = server.issuer();
    let provider = settings.provider(source)?;
    let keys = &provider.keys;
    let chance = (host.random(), host.now());
    let mut transaction =
        Transaction::consented(agreed, id.clone(), source.clone(), issuer.clone(), chance);
    if provider.shared_callback {
        transaction = transaction.at_shared_callback();
    }
    let context = transaction.context();
    let seal = |transaction: &Transaction| keys.seal(transaction, host.random(), &context);
    let mut sealed = seal(&transaction)?;
    if sealed.len() > LONGEST_COOKIE {
        sealed = seal(&transaction.without_hint())?;
    }
    let mut answer = answer::see_other(&server.url(&format!(
        "/login/{}?transaction={}",
        source.as_str(),
        id.as_str()
    )));
    let made = |value: &str| {
        let transaction = keys.open(value, &context).ok();
        transaction.map(|transaction| transaction.at().as_millis())
    };
    for old in CookieKind::Transaction.surplus(request, issuer, made) {
        CookieKind::Transaction.clear(&mut answer, issuer, &old);
    }
    CookieKind::Transaction.set(&mut answer, issuer, id, &sealed);
    Some(answer)
}
