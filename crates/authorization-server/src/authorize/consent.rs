//! `POST /consent`: the person's answer to the page.

use bytes::Bytes;
use host::{Audit, Cache, Chain, Clock, Entropy, Event, Grants, Sessions};
use http::{Request, Response, StatusCode};
use oauth::approval::{Step, step};
use oauth::authorize::AuthorizationRequest;
use oauth::consent::{ConsentCookie, ConsentRefused, chosen, left, shown};
use oauth::{Agreed, ErrorCode, FlowId, Parameters, ServerIdentity, Source, TransactionId};
use pages::Advice;

use super::Settings;
use super::page::{Question, Shown};
use super::{onward, remembered};
use crate::answer;
use crate::cookies::CookieKind;
use crate::form::{self, FormRefused};

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
enum AnswerRefused {
    #[error(transparent)]
    Consent(#[from] ConsentRefused),
    #[error(transparent)]
    Form(#[from] FormRefused),
    #[error("the sign-in could not be sealed")]
    Seal,
    #[error("the identity provider that was chosen is not on offer")]
    UnknownProvider,
}

/// Takes the answer: on to the provider, back to the client, or once more to the person.
pub(super) async fn post<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Sessions,
{
    let (form, parameters) = match form(host, server, request) {
        Ok(form) => form,
        Err((reason, flow)) => return refuse(host, &reason, &flow),
    };
    match settings.check(host, &parameters, server).await {
        Ok(asked) => {
            let answered = Answered {
                form,
                parameters,
                asked,
                request,
            };
            decide(host, settings, server, &answered).await
        }
        Err(refused) => {
            let flow = form.id.flow();
            host.record(Event {
                flow: Some(flow.to_string()),
                ..Event::new("authorize.refused").because(&refused)
            });
            super::refuse(&refused, server, &parameters, &flow)
        }
    }
}

fn refuse(host: &impl Audit, reason: &AnswerRefused, flow: &FlowId) -> Response<Bytes> {
    host.record(Event {
        flow: Some(flow.to_string()),
        ..Event::new("consent.refused").because(reason)
    });
    let status = match reason {
        AnswerRefused::Form(reason) => reason.status(),
        AnswerRefused::Consent(_) | AnswerRefused::Seal | AnswerRefused::UnknownProvider => {
            StatusCode::BAD_REQUEST
        }
    };
    answer::refusal(status, reason, flow, Advice::StartAgain)
}

/// A form that we showed in this browser.
struct Form {
    id: TransactionId,
    cookie: ConsentCookie,
}

/// The form, if it is the one we showed in this browser.
fn form<H: Clock + Entropy>(
    host: &H,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Result<(Form, Parameters), (AnswerRefused, FlowId)> {
    let unknown = FlowId::of(&host.random::<16>());
    let fail = |reason: AnswerRefused| (reason, unknown.clone());
    let parameters = form::from_our_page(request, server.issuer());
    let parameters = parameters.map_err(|reason| fail(reason.into()))?;
    let id = parameters
        .value("transaction")
        .and_then(TransactionId::parse);
    let id = id.ok_or_else(|| fail(ConsentRefused::NotHere.into()))?;
    let fail = |reason: ConsentRefused| (reason.into(), id.flow());
    let cookie = CookieKind::Csrf.find(request, server.issuer(), &id);
    let cookie = ConsentCookie::parse(cookie.as_deref()).map_err(fail)?;
    cookie
        .check(&id, server.issuer(), &parameters, host.now())
        .map_err(fail)?;
    Ok((Form { id, cookie }, parameters))
}

struct Answered<'a> {
    form: Form,
    parameters: Parameters,
    asked: AuthorizationRequest,
    request: &'a Request<Bytes>,
}

impl Answered<'_> {
    /// The same form again, with another question.
    fn again(
        &self,
        settings: &Settings,
        server: &ServerIdentity,
        question: &Question<'_>,
    ) -> Response<Bytes> {
        let shown = Shown {
            id: &self.form.id,
            parameters: &self.parameters,
            asked: &self.asked,
            request: self.request,
        };
        shown.page(settings, server, &self.form.cookie, question)
    }
}

async fn decide<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    answered: &Answered<'_>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Sessions,
{
    let id = &answered.form.id;
    let decided = match answered.parameters.value("decision") {
        Some("deny") => {
            host.record(Event {
                flow: Some(id.flow().to_string()),
                ..Event::new("consent.denied")
            });
            Ok(denied(server, &answered.asked))
        }
        Some("another") => return answered.again(settings, server, &Question::OtherAccount),
        Some("continue") => match go_on(host, settings, server, answered).await {
            Some(sent) => Ok(sent),
            // What was remembered a moment ago is not any more.
            None => return answered.again(settings, server, &Question::All),
        },
        _ => agreed(host, settings, server, answered),
    };
    let mut answer = match decided {
        Ok(answer) => answer,
        Err(reason @ AnswerRefused::Consent(ConsentRefused::NothingLeft)) => {
            let left = left(&shown(&answered.asked.scopes), &answered.parameters);
            let question = Question::Again(left, &reason.to_string());
            let mut page = answered.again(settings, server, &question);
            *page.status_mut() = StatusCode::BAD_REQUEST;
            return page;
        }
        Err(reason) => return refuse(host, &reason, &id.flow()),
    };
    // One answer per page: the cookie goes with it.
    CookieKind::Csrf.clear(&mut answer, server.issuer(), id);
    answer
}

fn denied(server: &ServerIdentity, asked: &AuthorizationRequest) -> Response<Bytes> {
    let error = [
        ("error", ErrorCode::AccessDenied.as_str()),
        ("error_description", "the person declined"),
    ];
    let state = asked.state.as_deref();
    answer::see_other(&asked.redirect.answer(&error, state, server.issuer()))
}

/// On to the provider as the person whose browser this is, if what they agreed to still stands.
async fn go_on<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    answered: &Answered<'_>,
) -> Option<Response<Bytes>>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Sessions,
{
    let asked = &answered.asked;
    let known = remembered::known(host, settings, server, (answered.request, asked)).await;
    let step = step(&asked.prompting, asked.redirect.kind(), known, host.now());
    let Ok(Step::Click(session, scopes) | Step::GoOn(session, scopes)) = step else {
        return None;
    };
    let remembered = (&answered.form.id, asked, scopes);
    let sent = (server, answered.request);
    onward::as_before(host, settings, sent, remembered, &session)
}

fn agreed<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    answered: &Answered<'_>,
) -> Result<Response<Bytes>, AnswerRefused>
where
    H: Audit + Clock + Entropy,
{
    let parameters = &answered.parameters;
    let scopes = chosen(&shown(&answered.asked.scopes), parameters)?;
    let source = parameters
        .value("provider")
        .and_then(|name| Source::parse(name).ok())
        .filter(|source| settings.provider(source).is_some())
        .ok_or(AnswerRefused::UnknownProvider)?;
    let mut asked = answered.asked.clone();
    asked.prompting.prompt.select_account |= parameters.value("account").is_some();
    let agreed = Agreed {
        request: &asked,
        scopes,
        before: None,
    };
    let id = &answered.form.id;
    let sent = (server, answered.request);
    let sent = onward::to_provider(host, settings, sent, (id, agreed), &source);
    let sent = sent.ok_or(AnswerRefused::Seal)?;
    host.record(Event {
        flow: Some(id.flow().to_string()),
        client: asked.client.name().map(str::to_owned),
        ..Event::new("consent.given")
    });
    Ok(sent)
}
