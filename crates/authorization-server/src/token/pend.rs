//! Private: a provider's component vouches for a person, and a grant begins.
//!
//! *Invariant:* what opens with one provider's key speaks of that provider's people only.

use bytes::Bytes;
use host::{
    Audit, Beginning, Clock, Entropy, Event, Grants, Marks, Pended, Place, Replays, Sessions, Vault,
};
use http::{Request, Response, StatusCode};
use jose::Secret;
use oauth::grant::{Grant, GrantId, GrantState};
use oauth::refresh::Uses;
use oauth::{ErrorCode, IdentityRefused, Issuer, Person, SignIn, SignInRefused, Source, WireError};
use serde::{Deserialize, Serialize};

use super::anew::SERVICE;
use super::{People, Settings, session, sweep};
use crate::answer;

/// Where a provider's name follows.
pub(crate) const PATH: &str = "/pend/";

/// The answer: a code for the client, and a session for the browser, unless it has one.
#[derive(Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) code: String,
    pub(crate) session: Option<String>,
}

/// The path for `source`.
pub(crate) fn path(source: &Source) -> String {
    format!("{PATH}{}", source.as_str())
}

/// What a sign-in of `source` is sealed for: this component and no other.
pub(crate) fn context(source: &Source) -> String {
    format!("token/{}", source.as_str())
}

#[derive(Debug, thiserror::Error)]
enum PendRefused {
    #[error("the sign-in was used before")]
    Before,
    #[error(transparent)]
    Identity(#[from] IdentityRefused),
    #[error("the sign-in is for nothing that is here")]
    Resources,
    #[error(transparent)]
    Seal(#[from] jose::SealRefused),
    #[error(transparent)]
    SignIn(#[from] SignInRefused),
    #[error("the store does not answer")]
    Unavailable,
    #[error("there is no such provider")]
    UnknownSource,
}

/// Begins a grant.
pub(super) async fn handle<H>(
    host: &H,
    settings: &Settings,
    source: &str,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Clock + Entropy + Grants + Marks + Replays + Sessions + Vault,
{
    match pend(host, settings, source, request).await {
        Ok(begun) => {
            sweep::now_and_then(host, settings).await;
            answer::json(StatusCode::OK, &begun)
        }
        Err(reason) => {
            host.record(Event::new("grant.refused").because(&reason));
            let status = match reason {
                PendRefused::Before => StatusCode::CONFLICT,
                PendRefused::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                PendRefused::Identity(_)
                | PendRefused::Resources
                | PendRefused::Seal(_)
                | PendRefused::SignIn(_)
                | PendRefused::UnknownSource => StatusCode::FORBIDDEN,
            };
            answer::json(status, &WireError::new(ErrorCode::AccessDenied, &reason))
        }
    }
}

async fn pend<H>(
    host: &H,
    settings: &Settings,
    source: &str,
    request: &Request<Bytes>,
) -> Result<Begun, PendRefused>
where
    H: Audit + Clock + Entropy + Grants + Sessions + Vault,
{
    let known = settings
        .people
        .iter()
        .find(|people| people.source.as_str() == source);
    let People { source, keys, .. } = known.ok_or(PendRefused::UnknownSource)?;
    let sealed = std::str::from_utf8(request.body()).map_err(|_| jose::SealRefused::Malformed)?;
    let sign_in = keys.sign_ins.open(sealed, &context(source))?;
    sign_in.check(source, host.now())?;
    let server = settings.identities.vouched(&sign_in.transaction.issuer)?;
    let issuer = server.issuer();
    let shown = sign_in.session.clone();
    let upstream = sign_in.upstream.clone();
    let grant = grant(host, settings, issuer, sign_in)?;
    let credential = credential(host, settings, &grant.person, upstream).await?;
    let who = (source, &grant.person);
    let session = session::unless_there(host, settings, issuer, who, shown.as_deref()).await;
    let session = session.unwrap_or(None);
    // As one: a grant whose person could never be read anew would outlive them.
    let beginning = Beginning {
        grant: &grant,
        credential: credential.as_deref().map(|sealed| (SERVICE, sealed)),
        session: session.as_ref(),
    };
    let pended = host.pend(beginning).await;
    if pended.map_err(|_| PendRefused::Unavailable)? == Pended::Before {
        return Err(PendRefused::Before);
    }
    host.record(Event {
        flow: Some(grant.transaction.flow().to_string()),
        subject: Some(grant.person.subject.to_string()),
        client: grant.client_name.clone(),
        ..Event::new("grant.pended")
    });
    Ok(Begun {
        code: settings.codes.mint(&grant.id, &grant.issuer),
        session: session.and_then(|session| session::cookie(settings, &session)),
    })
}

/// What lets the person be read anew. A provider that gave nothing this time may have given it
/// before: that stays, with the person as they are now.
async fn credential<H>(
    host: &H,
    settings: &Settings,
    person: &Person,
    upstream: Option<String>,
) -> Result<Option<String>, PendRefused>
where
    H: Clock + Vault,
{
    let subject = &person.subject;
    if settings.read_anew(subject).is_none() {
        return Ok(None);
    }
    if upstream.is_none() {
        let at = Place {
            subject,
            service: SERVICE,
        };
        let noted = host.note_person(at, person, host.now()).await;
        noted.map_err(|_| PendRefused::Unavailable)?;
    }
    Ok(upstream)
}

/// What the person agreed to, as a row.
fn grant<H: Clock + Entropy>(
    host: &H,
    settings: &Settings,
    issuer: &Issuer,
    sign_in: SignIn,
) -> Result<Grant, PendRefused> {
    let now = host.now();
    let SignIn {
        transaction,
        person,
        ..
    } = sign_in;
    Ok(Grant {
        id: GrantId::new(host.random()),
        state: GrantState::Pending,
        issuer: issuer.clone(),
        person,
        resources: transaction.resources().ok_or(PendRefused::Resources)?,
        client: transaction.client,
        client_name: transaction.client_name,
        redirect: transaction.redirect,
        scopes: transaction.scopes,
        challenge: transaction.challenge,
        secret: Secret::new(host.random()),
        uses: Uses::default(),
        pended_at: now,
        expires_at: now.plus(settings.lifetimes.grant),
        transaction: transaction.id,
    })
}
