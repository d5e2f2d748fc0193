//! Private: a provider's component vouches for a person, and a grant begins.
//!
//! *Invariant:* what opens with one provider's key speaks of that provider's people only.

use bytes::Bytes;
use host::{Audit, Clock, Entropy, Event, Grants, Marks, Pended, Replays};
use http::{Request, Response, StatusCode};
use jose::Secret;
use oauth::grant::{Grant, GrantId, GrantState};
use oauth::refresh::Uses;
use oauth::{ErrorCode, IdentityRefused, SignIn, SignInRefused, Source, WireError};
use serde::{Deserialize, Serialize};

use super::{Settings, sweep};
use crate::answer;

/// Where a provider's name follows.
pub(crate) const PATH: &str = "/pend/";

/// The answer: a code for the client.
#[derive(Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) code: String,
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
    H: Audit + Clock + Entropy + Grants + Marks + Replays,
{
    match pend(host, settings, source, request).await {
        Ok(code) => {
            sweep::now_and_then(host, settings).await;
            answer::json(StatusCode::OK, &Code { code })
        }
        Err(reason) => {
            host.record(Event::new("grant.refused").because(&reason));
            let status = match reason {
                PendRefused::Before => StatusCode::CONFLICT,
                PendRefused::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                PendRefused::Identity(_)
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
) -> Result<String, PendRefused>
where
    H: Audit + Clock + Entropy + Grants,
{
    let known = settings
        .people
        .iter()
        .find(|(known, _)| known.as_str() == source);
    let (source, keys) = known.ok_or(PendRefused::UnknownSource)?;
    let sealed = std::str::from_utf8(request.body()).map_err(|_| jose::SealRefused::Malformed)?;
    let sign_in = keys.open(sealed, &context(source))?;
    sign_in.check(source, host.now())?;
    let server = settings.identities.vouched(&sign_in.transaction.issuer)?;
    let now = host.now();
    let SignIn {
        transaction,
        person,
        ..
    } = sign_in;
    let grant = Grant {
        id: GrantId::new(host.random()),
        state: GrantState::Pending,
        issuer: server.issuer().clone(),
        person,
        client: transaction.client,
        client_name: transaction.client_name,
        redirect: transaction.redirect,
        scopes: transaction.scopes,
        resources: transaction.resources,
        challenge: transaction.challenge,
        secret: Secret::new(host.random()),
        uses: Uses::default(),
        pended_at: now,
        expires_at: now.plus(settings.lifetimes.grant),
        transaction: transaction.id,
    };
    match host
        .pend(&grant)
        .await
        .map_err(|_| PendRefused::Unavailable)?
    {
        Pended::Before => Err(PendRefused::Before),
        Pended::Now => {
            host.record(Event {
                flow: Some(grant.transaction.flow().to_string()),
                subject: Some(grant.person.subject.to_string()),
                client: grant.client_name.clone(),
                ..Event::new("grant.pended")
            });
            Ok(settings.codes.mint(&grant.id, &grant.issuer))
        }
    }
}
