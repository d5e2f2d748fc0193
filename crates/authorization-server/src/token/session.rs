//! A browser session begins where a grant does.
//!
//! *Invariant:* only this module signs a session, and one that cannot be looked for costs nobody
//! their sign-in: they will be asked once more.

use host::{Clock, Entropy, Sessions, Unavailable};
use oauth::session::Session;
use oauth::{Issuer, Person, Source};

use super::Settings;

/// The cookie of a session.
pub(super) fn cookie(settings: &Settings, session: &Session) -> Option<String> {
    settings.sessions.sign(&session.claims())
}

/// A new session of `person`, to be kept, unless the browser showed a live one of theirs.
pub(super) async fn unless_there<H>(
    host: &H,
    settings: &Settings,
    issuer: &Issuer,
    (source, person): (&Source, &Person),
    shown: Option<&str>,
) -> Result<Option<Session>, Unavailable>
where
    H: Clock + Entropy + Sessions,
{
    let now = host.now();
    let claims = shown.and_then(|cookie| settings.sessions.verifying().verify(cookie).ok());
    if let Some(id) = claims
        .as_ref()
        .and_then(|claims| claims.session(issuer, now))
        && let Some(session) = host.find_session(id).await?
        && session.lives(issuer, now)
    {
        if session.person.subject == person.subject {
            return Ok(None);
        }
        // The browser is somebody else's now.
        host.end_session(id).await?;
    }
    Ok(Some(Session::begun(
        host.random(),
        issuer,
        source,
        person,
        now,
    )))
}
