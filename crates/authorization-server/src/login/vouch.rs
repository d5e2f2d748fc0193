//! Vouching to `token` for who came back, which answers with a code and a session.
//!
//! *Invariant:* a person is vouched for only with a sign-in that they agreed to.

use bytes::Bytes;
use host::{Audit, Chain, Clock, Entropy};
use http::{Request, Response, StatusCode, header};
use oauth::{ServerIdentity, SignIn, Transaction};

use super::Settings;
use super::exchange::Came;
use crate::cookies;
use crate::token::pend;

/// Why a person who came back is not signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInRefused {
    #[error("this sign-in is already over: start again from your application")]
    AlreadyOver,
    #[error("the identity provider did not say who you are")]
    NoPerson,
    #[error("the identity provider says more of you than can be kept: start again")]
    TooLarge,
    #[error("signing in is not possible at the moment: reload this page to try again")]
    Unavailable,
}

/// To the client with a code, or to a page that says why not.
pub(super) async fn for_person<H>(
    host: &H,
    settings: &Settings,
    request: &Request<Bytes>,
    (server, transaction, came): (&ServerIdentity, Transaction, Came),
) -> Response<Bytes>
where
    H: Audit + Chain + Clock + Entropy,
{
    let sign_in = SignIn {
        transaction,
        person: came.person,
        at: host.now(),
        session: cookies::session(request, server.issuer()),
        upstream: came.upstream,
    };
    let transaction = &sign_in.transaction;
    let pended = match pend_at_token(host, settings, &sign_in).await {
        Ok(pended) => pended,
        Err(reason) => return refuse(host, &reason, transaction),
    };
    let Some(location) = transaction.answer(&[("code", &pended.code)]) else {
        return refuse(host, &SignInRefused::AlreadyOver, transaction);
    };
    let mut answer = super::back(server, transaction, &location);
    if let Some(session) = &pended.session {
        cookies::set_session(&mut answer, server.issuer(), session);
    }
    answer
}

/// A page that says why this person is not signed in.
pub(super) fn refuse<H: Audit + Entropy>(
    host: &H,
    reason: &SignInRefused,
    transaction: &Transaction,
) -> Response<Bytes> {
    let status = match reason {
        SignInRefused::AlreadyOver | SignInRefused::NoPerson | SignInRefused::TooLarge => {
            StatusCode::BAD_REQUEST
        }
        SignInRefused::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    super::refuse(host, status, reason, Some(&transaction.id))
}

async fn pend_at_token<H>(
    host: &H,
    settings: &Settings,
    sign_in: &SignIn,
) -> Result<pend::Begun, SignInRefused>
where
    H: Chain + Entropy,
{
    let context = pend::context(&settings.source);
    let sealed = settings
        .person
        .sign_ins
        .seal(sign_in, host.random(), &context)
        .ok_or(SignInRefused::Unavailable)?;
    let request = Request::post(pend::path(&settings.source))
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Bytes::from(sealed))
        .map_err(|_| SignInRefused::Unavailable)?;
    let answer = host
        .ask("token", request)
        .await
        .map_err(|_| SignInRefused::Unavailable)?;
    match answer.status() {
        StatusCode::OK => {
            serde_json::from_slice(answer.body()).map_err(|_| SignInRefused::Unavailable)
        }
        StatusCode::CONFLICT => Err(SignInRefused::AlreadyOver),
        _ => Err(SignInRefused::Unavailable),
    }
}
