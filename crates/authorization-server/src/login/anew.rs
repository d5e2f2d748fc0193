//! Private: `token` asks who a person is now.
//!
//! *Invariant:* a question opens with this provider's key alone, and what the provider gave is read
//! nowhere else.

use bytes::Bytes;
use host::{Audit, Cache, Clock, Entropy, Event, Fetch};
use http::{Request, Response, StatusCode};
use jose::SealRefused;
use oauth::{ErrorCode, StillThere, UpstreamRefresh, WhoNow, WireError};
use providers::{IdTokenRefused, PersonRefused, TokenAnswerRefused};

use super::Settings;
use super::exchange::{Reached, Unread};
use super::failed::ProviderFailed;
use crate::answer;

/// The path, to which no public route leads.
pub(crate) const PATH: &str = "/who-now";

#[derive(Debug, thiserror::Error)]
enum AnewRefused {
    #[error("the question is too old, or about nobody of this provider")]
    Question,
    #[error(transparent)]
    Provider(#[from] ProviderFailed),
    #[error(transparent)]
    Seal(#[from] SealRefused),
    #[error("the answer could not be sealed")]
    Unsealed,
}

/// Answers who they are now, sealed for `token`.
pub(super) async fn handle<H>(
    host: &H,
    settings: &Settings,
    provider: &Reached,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Clock + Entropy + Fetch,
{
    match answered(host, settings, provider, request).await {
        Ok(sealed) => Response::new(Bytes::from(sealed)),
        Err(reason) => {
            host.record(Event::new("person.unread").because(&reason));
            let status = match reason {
                AnewRefused::Question | AnewRefused::Seal(_) => StatusCode::FORBIDDEN,
                AnewRefused::Provider(_) | AnewRefused::Unsealed => StatusCode::BAD_GATEWAY,
            };
            answer::json(
                status,
                &WireError::new(ErrorCode::AccessDenied, &"not answered"),
            )
        }
    }
}

async fn answered<H>(
    host: &H,
    settings: &Settings,
    provider: &Reached,
    request: &Request<Bytes>,
) -> Result<String, AnewRefused>
where
    H: Audit + Cache + Clock + Entropy + Fetch,
{
    let sealed = std::str::from_utf8(request.body()).map_err(|_| SealRefused::Malformed)?;
    let context = WhoNow::context(&settings.source);
    let question = settings.person.questions.open(sealed, &context)?;
    if !question.is_for(&settings.source, host.now()) {
        return Err(AnewRefused::Question);
    }
    let context = UpstreamRefresh::context(&question.subject);
    let subject = &question.subject;
    let note = |event, reason: &dyn ToString| {
        host.record(Event {
            subject: Some(subject.to_string()),
            ..Event::new(event).because(&reason.to_string())
        });
    };
    let refresh = match provider.refreshes.open(&question.upstream, &context) {
        Ok(refresh) => refresh,
        Err(reason) => {
            // Its key is distrusted: without it, only the person can say who they are.
            note("person.unreadable", &reason);
            return sealed_answer(host, settings, &question, &StillThere::No);
        }
    };
    let token = &refresh.token;
    let still_there = match provider.anew(host, subject, token).await {
        Ok(came) if came.person.subject == *subject => {
            StillThere::Yes(Box::new(came.person), came.upstream)
        }
        Ok(_) => {
            note("person.gone", &PersonRefused::OtherSubject);
            StillThere::No
        }
        Err(unread) if is_goodbye(&unread.reason) => {
            note("person.gone", &unread.reason);
            StillThere::No
        }
        Err(Unread {
            reason,
            newer: Some(newer),
        }) => {
            note("person.unread", &reason);
            StillThere::Unread(newer)
        }
        Err(unread) => return Err(unread.reason.into()),
    };
    sealed_answer(host, settings, &question, &still_there)
}

fn sealed_answer(
    host: &impl Entropy,
    settings: &Settings,
    question: &WhoNow,
    answer: &StillThere,
) -> Result<String, AnewRefused> {
    let context = question.answer_context();
    let sealed = settings
        .person
        .answers
        .seal(answer, host.random(), &context);
    sealed.ok_or(AnewRefused::Unsealed)
}

/// Whether the provider says that this person is no more, or may not come in any more.
const fn is_goodbye(reason: &ProviderFailed) -> bool {
    matches!(
        reason,
        ProviderFailed::Token(TokenAnswerRefused::Grant)
            | ProviderFailed::IdToken(IdTokenRefused::Tenant)
            | ProviderFailed::Person(PersonRefused::Admission(_) | PersonRefused::OtherSubject)
    )
}
