//! `GET /callback/<provider>`: the way back, cookie and state first.

use bytes::Bytes;
use host::{Audit, Cache, Chain, Clock, Entropy, Event, Fetch};
use http::{Method, Request, Response, StatusCode};
use oauth::{ErrorCode, Parameters, ServerIdentity, Transaction, UpstreamState, dev};

use super::exchange::Came;
use super::vouch::{self, SignInRefused};
use super::{Provider, Settings, confirm};
use crate::answer;
use crate::callback as shared;

/// Ends a sign-in: to the client with a code or an error, or to a page.
pub(super) async fn handle<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Fetch,
{
    match *request.method() {
        Method::GET => returned(host, settings, server, request).await,
        Method::POST => confirm::post(host, settings, server, request).await,
        // A HEAD would spend the sign-in and show its outcome to nobody.
        _ => answer::method_not_allowed("GET, POST"),
    }
}

async fn returned<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Fetch,
{
    let parameters = match Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(reason) => return super::refuse(host, StatusCode::BAD_REQUEST, &reason, None),
    };
    let state = UpstreamState::returned(parameters.value("state").unwrap_or_default());
    let returning = super::returning(host, settings, server, (request, &state));
    let shared = shared::is_shared(request);
    let at_its_own = returning.and_then(|transaction| {
        transaction.check_callback(shared)?;
        Ok(transaction)
    });
    let transaction = match at_its_own {
        Ok(transaction) => transaction,
        Err(reason) => {
            let id = state.transaction();
            return super::refuse(host, StatusCode::BAD_REQUEST, &reason, id.as_ref());
        }
    };
    // Who reloads this page is still the one who came back.
    if let Some(vouched) = confirm::vouched(settings, server, request, &transaction) {
        return confirm::again(server, &transaction, &vouched);
    }
    let at = (server, &transaction);
    let came = match came_back(host, settings, at, &parameters).await {
        Ok(came) => came,
        Err(answer) => return answer,
    };
    if transaction.expects(&came.person.subject) {
        return vouch::for_person(host, settings, request, (server, transaction, came)).await;
    }
    // Somebody else than who agreed before.
    if transaction.prompt.none {
        ended(host, server, &transaction, ErrorCode::ConsentRequired)
    } else {
        confirm::ask(host, settings, server, (request, &transaction, came))
    }
}

/// Who came back, or the answer that says why nobody did.
async fn came_back<H>(
    host: &H,
    settings: &Settings,
    (server, transaction): (&ServerIdentity, &Transaction),
    parameters: &Parameters,
) -> Result<Came, Response<Bytes>>
where
    H: Audit + Cache + Clock + Entropy + Fetch,
{
    if let Provider::Upstream(provider) = &settings.provider {
        let answerer = provider.check_answerer(host, parameters).await;
        answerer.map_err(|reason| super::failed(host, server, &reason, &transaction.id))?;
    }
    if let Some(error) = parameters.value("error") {
        return Err(ended(host, server, transaction, upstream_error(error)));
    }
    match &settings.provider {
        Provider::Dev => {
            let person = parameters.value("code").and_then(dev::person);
            let came = person.map(|person| Came {
                person,
                upstream: None,
            });
            came.ok_or_else(|| vouch::refuse(host, &SignInRefused::NoPerson, transaction))
        }
        Provider::Upstream(provider) => {
            let came = provider
                .person(host, (server, transaction), parameters)
                .await;
            came.map_err(|reason| super::failed(host, server, &reason, &transaction.id))
        }
    }
}

/// The end of a sign-in without a code.
pub(super) fn ended<H: Audit + Entropy>(
    host: &H,
    server: &ServerIdentity,
    transaction: &Transaction,
    code: ErrorCode,
) -> Response<Bytes> {
    host.record(Event {
        flow: Some(transaction.id.flow().to_string()),
        ..Event::new("sign_in.declined").because(&code.as_str())
    });
    match transaction.answer(&[("error", code.as_str())]) {
        Some(location) => super::back(server, transaction, &location),
        None => vouch::refuse(host, &SignInRefused::AlreadyOver, transaction),
    }
}

/// What a provider's error means to the client (RFC 6749 §4.1.2.1); its text stays here.
fn upstream_error(error: &str) -> ErrorCode {
    match error {
        "access_denied" => ErrorCode::AccessDenied,
        "consent_required" => ErrorCode::ConsentRequired,
        "account_selection_required" | "interaction_required" => ErrorCode::InteractionRequired,
        "login_required" => ErrorCode::LoginRequired,
        "temporarily_unavailable" => ErrorCode::TemporarilyUnavailable,
        _ => ErrorCode::ServerError,
    }
}
