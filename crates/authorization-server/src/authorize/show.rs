//! `GET /authorize`: the request's rules, then the consent page, unless the person agreed before.

use bytes::Bytes;
use host::{Audit, Cache, Chain, Clock, Entropy, Event, Grants, Sessions};
use http::{Request, Response, StatusCode};
use oauth::approval::{Step, step};
use oauth::authorize::{ANSWERABLE, AuthorizationRequest, AuthorizeRefused, RequestRefused};
use oauth::{Parameters, ServerIdentity, TransactionId};
use pages::Advice;

use super::Settings;
use super::page::{Question, Shown};
use super::{onward, remembered};
use crate::answer::refusal;

/// Shows the consent page, however often it is asked for.
pub(super) async fn get<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Sessions,
{
    let id = TransactionId::new(host.random());
    let query = request.uri().query().unwrap_or_default();
    let read = Parameters::answerable(query.as_bytes(), ANSWERABLE);
    let (parameters, repeated) = match read {
        Ok(read) => read,
        Err(reason) => {
            return refusal(
                StatusCode::BAD_REQUEST,
                &reason,
                &id.flow(),
                Advice::StartAgain,
            );
        }
    };
    let checked = settings.check(host, &parameters, server).await;
    let checked = match repeated {
        Some(name) => Err(twice(name, checked)),
        None => checked,
    };
    let answered = match checked {
        Ok(asked) => {
            let shown = Shown {
                id: &id,
                parameters: &parameters,
                asked: &asked,
                request,
            };
            next(host, settings, server, &shown).await
        }
        Err(refused) => Err(refused),
    };
    answered.unwrap_or_else(|refused| {
        host.record(Event {
            flow: Some(id.flow().to_string()),
            ..Event::new("authorize.refused").because(&refused)
        });
        super::refuse(&refused, server, &parameters, &id.flow())
    })
}

/// A parameter that came twice, told to the client if it may be told anything.
fn twice(
    name: &'static str,
    checked: Result<AuthorizationRequest, AuthorizeRefused>,
) -> AuthorizeRefused {
    let reason = RequestRefused::Repeated(name);
    match checked {
        Ok(asked) => asked.refused(reason),
        Err(AuthorizeRefused::Redirect { to, state, .. }) => {
            AuthorizeRefused::Redirect { to, state, reason }
        }
        Err(page @ AuthorizeRefused::Page(_)) => page,
    }
}

/// The page, a page with one click, or the provider at once.
async fn next<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    shown: &Shown<'_>,
) -> Result<Response<Bytes>, AuthorizeRefused>
where
    H: Audit + Clock + Entropy + Grants + Sessions,
{
    let asked = shown.asked;
    let known = remembered::known(host, settings, server, (shown.request, asked)).await;
    let step = step(&asked.prompting, asked.redirect.kind(), known, host.now());
    match step.map_err(|reason| asked.refused(reason))? {
        Step::Ask => Ok(shown.first(host, settings, server, &Question::All)),
        Step::Click(session, scopes) => {
            let question = Question::GoOn {
                name: session.person.called(),
                source: &session.source,
                scopes: &scopes,
            };
            Ok(shown.first(host, settings, server, &question))
        }
        Step::GoOn(session, scopes) => {
            let sent = (server, shown.request);
            let remembered = (shown.id, asked, scopes);
            let sent = onward::as_before(host, settings, sent, remembered, &session);
            Ok(sent.unwrap_or_else(|| shown.first(host, settings, server, &Question::All)))
        }
    }
}
