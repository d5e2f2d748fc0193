//! Bearer tokens: whose one is, and whether our own is good and not revoked.
//!
//! *Invariant:* a token names who made it and no key of theirs, and a remembered token's time,
//! audience and revocation are judged anew at every call.

use std::sync::Arc;
use std::time::Duration;

use host::{Audit, Cache, Caller, Chain, Clock, Marks, Unavailable};
use jose::{Glimpse, Signed as _};
use oauth::access_token::{AccessRefused, AccessToken, Claims};
use oauth::{Mark, Resource, ServerIdentity, Timestamp};

use crate::credentials::{Authenticated, Credential, CredentialRefused, Foreign, Sharing};
use crate::settings::Settings;

/// What a mark said, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marked {
    revoked: bool,
    at: Timestamp,
}

/// Who made a token, as far as it says.
enum Maker<'a> {
    Another(&'a Foreign),
    Ours,
    WhoSharesTheSecret(&'a Sharing),
}

/// An answer of the store may be this old (design §5).
const MARK_LIFETIME: Duration = Duration::from_secs(5);

/// Verifies the token of a request.
pub(crate) async fn authenticate<H>(
    host: &H,
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    text: &str,
) -> Result<Arc<Authenticated>, CredentialRefused>
where
    H: Audit + Cache + Chain + Clock + Marks,
{
    let memory = settings.memory();
    // A signature costs 0.1 ms to verify and more, a hash a fiftieth of that.
    let hash = jose::sha256(text.as_bytes());
    if let Some(known) = memory.tokens.recall(&hash)
        && known.is_good(at, host.now())?
    {
        return unrevoked(host, settings, known).await;
    }
    let verified = match maker(settings, at.0, text) {
        Maker::Another(foreign) => foreign.verify(host, memory, text, hash).await?,
        Maker::Ours => ours(settings, at, text, host.now())?,
        Maker::WhoSharesTheSecret(sharing) => sharing.verify(text, hash, host.now())?,
    };
    let verified = Arc::new(verified);
    memory.tokens.remember(hash, Arc::clone(&verified));
    unrevoked(host, settings, verified).await
}

/// Who is asked about a token. Whatever it says, they alone can vouch for it.
fn maker<'a>(settings: &'a Settings, server: &ServerIdentity, text: &str) -> Maker<'a> {
    let taken = settings.taken();
    if taken.only_ours() {
        return Maker::Ours;
    }
    let Some(seen) = Glimpse::of(text) else {
        return Maker::Ours;
    };
    let iss = seen.iss.as_deref();
    // Others make tokens of RFC 9068 too, so the type alone is not enough.
    if seen.typ.as_deref() == Some(Claims::TYP) && iss == Some(server.issuer().as_str()) {
        return Maker::Ours;
    }
    if let Some(sharing) = &taken.shared
        && seen.alg == "HS256"
    {
        return Maker::WhoSharesTheSecret(sharing);
    }
    let issuer = |iss| taken.issuers.iter().find(|issuer| issuer.is(iss));
    iss.and_then(issuer).map_or(Maker::Ours, Maker::Another)
}

/// A token of ours, which nobody has verified lately.
fn ours(
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    text: &str,
    now: Timestamp,
) -> Result<Authenticated, AccessRefused> {
    let token = AccessToken::verify(text, settings.access_tokens(), at, now)?;
    Ok(Authenticated {
        caller: Caller {
            person: token.person(),
            client_id: token.client_id().to_owned(),
            scopes: token.scopes().clone(),
            credential: None,
        },
        id: token.id().to_owned(),
        credential: Credential::AccessToken(Box::new(token)),
    })
}

/// The caller, unless the token is ours and was revoked.
async fn unrevoked<H: Clock + Marks>(
    host: &H,
    settings: &Settings,
    authenticated: Arc<Authenticated>,
) -> Result<Arc<Authenticated>, CredentialRefused> {
    if let Credential::AccessToken(token) = &authenticated.credential {
        for mark in token.marks() {
            if is_marked(host, settings, &mark).await? {
                return Err(CredentialRefused::Revoked);
            }
        }
    }
    Ok(authenticated)
}

async fn is_marked<H: Clock + Marks>(
    host: &H,
    settings: &Settings,
    mark: &Mark,
) -> Result<bool, Unavailable> {
    let now = host.now();
    if let Some(known) = settings.memory().marks.recall(mark)
        // What was read in the future was read before the clock stepped back.
        && known.at <= now
        && now.since(known.at) < MARK_LIFETIME
    {
        return Ok(known.revoked);
    }
    let revoked = host.is_marked(mark).await?;
    let marked = Marked { revoked, at: now };
    settings.memory().marks.remember(mark.clone(), marked);
    Ok(revoked)
}
