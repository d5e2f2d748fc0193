//! `POST /consent`: the person's answer to the page.

use bytes::Bytes;
use host::{Audit, Cache, Chain, Clock, Entropy, Event};
use http::{Request, Response, StatusCode, header};
use oauth::authorize::AuthorizationRequest;
use oauth::consent::{ConsentCookie, ConsentRefused};
use oauth::{
    ErrorCode, FlowId, Parameters, ParametersRefused, ServerIdentity, Source, Transaction,
    TransactionId,
};
use pages::Advice;

use super::Settings;
use crate::answer;
use crate::cookies::CookieKind;

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
enum AnswerRefused {
    #[error(transparent)]
    Consent(#[from] ConsentRefused),
    #[error("the form is not application/x-www-form-urlencoded")]
    MediaType,
    #[error("this form was sent from another site")]
    OtherOrigin,
    #[error(transparent)]
    Parameters(#[from] ParametersRefused),
    #[error("the sign-in could not be sealed")]
    Seal,
    #[error("the identity provider that was chosen is not on offer")]
    UnknownProvider,
}

/// Takes the answer: on to the provider, or back to the client.
pub(super) async fn post<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy,
{
    match form(host, server, request) {
        Ok((id, parameters)) => match settings.check(host, &parameters, server).await {
            Ok(asked) => decide(
                host,
                settings,
                server,
                &Answered {
                    id,
                    parameters,
                    asked,
                    request,
                },
            ),
            Err(refused) => {
                host.record(Event {
                    flow: Some(id.flow().to_string()),
                    ..Event::new("authorize.refused").because(&refused)
                });
                super::refuse(&refused, server, &id.flow())
            }
        },
        Err((reason, flow)) => refuse(host, &reason, &flow),
    }
}

fn refuse(host: &impl Audit, reason: &AnswerRefused, flow: &FlowId) -> Response<Bytes> {
    host.record(Event {
        flow: Some(flow.to_string()),
        ..Event::new("consent.refused").because(reason)
    });
    answer::refusal(StatusCode::BAD_REQUEST, reason, flow, Advice::StartAgain)
}

/// The form, if it is the one we showed in this browser.
fn form<H: Clock + Entropy>(
    host: &H,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Result<(TransactionId, Parameters), (AnswerRefused, FlowId)> {
    let unknown = FlowId::of(&host.random::<16>());
    let fail = |reason: AnswerRefused| (reason, unknown.clone());
    if !answer::is_media_type(request, "application/x-www-form-urlencoded") {
        return Err(fail(AnswerRefused::MediaType));
    }
    // Browsers name the page's origin in a POST; a script without one still needs the cookie.
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .map(http::HeaderValue::as_bytes);
    if origin.is_some_and(|origin| origin != server.issuer().as_str().as_bytes()) {
        return Err(fail(AnswerRefused::OtherOrigin));
    }
    let parameters = Parameters::parse(request.body()).map_err(|reason| fail(reason.into()))?;
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
    Ok((id, parameters))
}

struct Answered<'a> {
    id: TransactionId,
    parameters: Parameters,
    asked: AuthorizationRequest,
    request: &'a Request<Bytes>,
}

fn decide<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    answered: &Answered<'_>,
) -> Response<Bytes>
where
    H: Audit + Clock + Entropy,
{
    let flow = answered.id.flow();
    let mut answer = if answered.parameters.value("decision") == Some("deny") {
        host.record(Event {
            flow: Some(flow.to_string()),
            ..Event::new("consent.denied")
        });
        denied(server, &answered.asked)
    } else {
        match agreed(host, settings, server, answered) {
            Ok(answer) => answer,
            Err(reason) => return refuse(host, &reason, &flow),
        }
    };
    // One answer per page: the cookie goes with it.
    CookieKind::Csrf.clear(&mut answer, server.issuer(), &answered.id);
    answer
}

fn denied(server: &ServerIdentity, asked: &AuthorizationRequest) -> Response<Bytes> {
    let mut parameters = vec![
        ("error", ErrorCode::AccessDenied.as_str()),
        ("error_description", "the person declined"),
    ];
    parameters.extend(asked.state.iter().map(|state| ("state", state.as_str())));
    parameters.push(("iss", server.issuer().as_str()));
    answer::see_other(&asked.redirect.with(&parameters))
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
    let chosen = answered
        .parameters
        .value("provider")
        .and_then(|name| Source::parse(name).ok());
    let provider = settings
        .providers
        .iter()
        .find(|(source, _)| Some(source) == chosen.as_ref());
    let (source, keys) = provider.ok_or(AnswerRefused::UnknownProvider)?;
    let issuer = server.issuer();
    let chance = (host.random(), host.now());
    let agreed = AuthorizationRequest {
        scopes: super::show::agreed_to(&answered.asked).collect(),
        ..answered.asked.clone()
    };
    let transaction = Transaction::consented(
        &agreed,
        answered.id.clone(),
        source.clone(),
        issuer.clone(),
        chance,
    );
    let sealed = keys
        .seal(&transaction, host.random(), &transaction.context())
        .ok_or(AnswerRefused::Seal)?;
    let mut answer = answer::see_other(&server.url(&format!(
        "/login/{}?transaction={}",
        source.as_str(),
        answered.id.as_str()
    )));
    let made = |value: &str| {
        let context = Transaction::context_of(source, issuer);
        keys.open(value, &context)
            .ok()
            .map(|transaction| transaction.at().as_millis())
    };
    for old in CookieKind::Transaction.surplus(answered.request, issuer, made) {
        CookieKind::Transaction.clear(&mut answer, issuer, &old);
    }
    CookieKind::Transaction.set(&mut answer, issuer, &answered.id, &sealed);
    host.record(Event {
        flow: Some(answered.id.flow().to_string()),
        client: answered.asked.client.name().map(str::to_owned),
        ..Event::new("consent.given")
    });
    Ok(answer)
}
