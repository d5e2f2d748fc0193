//! Who is calling: the access token of a request, verified and not revoked.
//!
//! *Invariant:* the token is taken from the `Authorization` header alone (RFC 6750 §2.1), and a
//! remembered token's time, audience and revocation are judged anew at every call.

use std::sync::Arc;
use std::time::Duration;

use host::{Caller, Clock, Marks, Unavailable};
use http::{HeaderMap, header};
use oauth::access_token::{AccessRefused, AccessToken};
use oauth::{Mark, Resource, ServerIdentity, Timestamp};

use crate::settings::Settings;

/// A caller whose token was verified.
#[derive(Debug)]
pub(crate) struct Authenticated {
    pub(crate) token: AccessToken,
    pub(crate) caller: Caller,
}

/// What a mark said, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marked {
    revoked: bool,
    at: Timestamp,
}

/// An answer of the store may be this old (design §5).
const MARK_LIFETIME: Duration = Duration::from_secs(5);

/// Why a request's credentials are not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BearerRefused {
    #[error("sign in first: this server takes an access token in the Authorization header")]
    Missing,
    #[error("the grant behind the access token was revoked")]
    Revoked,
    #[error("a request has one Authorization header")]
    Several,
    #[error(transparent)]
    Token(#[from] AccessRefused),
    #[error("whether the access token was revoked cannot be read right now")]
    Unavailable(#[from] Unavailable),
}

/// Verifies the token of a request.
pub(crate) async fn authenticate<H: Clock + Marks>(
    host: &H,
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    headers: &HeaderMap,
) -> Result<Arc<Authenticated>, BearerRefused> {
    let text = presented(headers)?;
    let authenticated = verified(settings, at, text, host.now())?;
    for mark in authenticated.token.marks() {
        if is_marked(host, settings, &mark).await? {
            return Err(BearerRefused::Revoked);
        }
    }
    Ok(authenticated)
}

/// The token's text. Another scheme, or no credentials behind it, is no token.
fn presented(headers: &HeaderMap) -> Result<&str, BearerRefused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    if more.is_some() {
        return Err(BearerRefused::Several);
    }
    let text = value.and_then(|value| value.to_str().ok());
    // RFC 9110 §11.1: schemes are case-insensitive.
    text.and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or(BearerRefused::Missing)
}

/// A signature costs 0.1 ms to verify, a hash a fiftieth of that.
fn verified(
    settings: &Settings,
    at: (&ServerIdentity, &Resource),
    text: &str,
    now: Timestamp,
) -> Result<Arc<Authenticated>, AccessRefused> {
    let hash = jose::sha256(text.as_bytes());
    if let Some(known) = settings.memory().tokens.recall(&hash) {
        known.token.check(at, now)?;
        return Ok(known);
    }
    let token = AccessToken::verify(text, settings.access_tokens(), at, now)?;
    let caller = Caller {
        person: token.person(),
        client_id: token.client_id().to_owned(),
        scopes: token.scopes().clone(),
        credential: None,
    };
    let verified = Arc::new(Authenticated { token, caller });
    settings
        .memory()
        .tokens
        .remember(hash, Arc::clone(&verified));
    Ok(verified)
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
