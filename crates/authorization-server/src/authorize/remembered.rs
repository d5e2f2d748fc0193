//! What a browser's session tells about a request: whose it is, and whether they agreed before.
//!
//! *Invariant:* the store is asked only by a browser that shows a session we signed, and what it
//! says skips a page at most: who signs in is still the provider's to say.

use bytes::Bytes;
use host::{Clock, Grants, Sessions, Unavailable};
use http::Request;
use oauth::ServerIdentity;
use oauth::approval::{Approval, Known, covered};
use oauth::authorize::AuthorizationRequest;
use oauth::session::Session;

use super::Settings;
use crate::cookies;

/// What is known about the browser that asks.
pub(super) async fn known<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    (request, asked): (&Request<Bytes>, &AuthorizationRequest),
) -> Known
where
    H: Clock + Grants + Sessions,
{
    match look(host, settings, server, (request, asked)).await {
        Ok(known) => known,
        Err(Unavailable) => Known::Unavailable,
    }
}

async fn look<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    (request, asked): (&Request<Bytes>, &AuthorizationRequest),
) -> Result<Known, Unavailable>
where
    H: Clock + Grants + Sessions,
{
    let Some(session) = session(host, settings, server, request).await? else {
        return Ok(Known::Nobody);
    };
    let approval = Approval::of(&session, asked);
    let granted = host.remembered(&approval, host.now()).await?;
    let session = Box::new(session);
    Ok(match covered(&asked.scopes, &granted) {
        Some(scopes) => Known::Agreed(session, scopes),
        None => Known::Person(session),
    })
}

/// The session of this browser, if its cookie is ours, its row is there, and its provider is on.
async fn session<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Result<Option<Session>, Unavailable>
where
    H: Clock + Sessions,
{
    let (issuer, now) = (server.issuer(), host.now());
    let shown = cookies::session(request, issuer);
    let claims = shown.and_then(|cookie| settings.sessions.verify(&cookie).ok());
    let Some(claims) = claims else {
        return Ok(None);
    };
    let Some(id) = claims.session(issuer, now) else {
        return Ok(None);
    };
    let found = host.find_session(id).await?;
    Ok(found.filter(|session| {
        session.lives(issuer, now) && settings.provider(&session.source).is_some()
    }))
}
