//! `/login/dev`: the page on which a newcomer becomes one of a few test people.
//!
//! *Invariant:* it stands where another provider's own sign-in page would: it learns of the
//! sign-in by our state alone, and what it says comes back through the same callback.

use bytes::Bytes;
use host::{Audit, Clock, Entropy};
use http::{Method, Request, Response, StatusCode};
use oauth::{ServerIdentity, UpstreamState, dev};

use super::Settings;
use crate::{answer, form};

/// Shows the people, or takes the choice.
pub(super) fn handle<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Clock + Entropy,
{
    match *request.method() {
        Method::GET | Method::HEAD => show(host, settings, server, request),
        Method::POST => choose(host, settings, server, request),
        _ => answer::method_not_allowed("GET, HEAD, POST"),
    }
}

fn show<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Clock + Entropy,
{
    let id = super::begin::asked(request);
    match super::transaction(host, settings, server, (request, id.as_ref())) {
        // Nobody is ever signed in here without being asked.
        Ok(transaction) if transaction.prompt.none => back(
            server,
            &transaction.upstream_state(),
            "error=login_required",
        ),
        Ok(transaction) => pages::people(&pages::People {
            people: &dev::PEOPLE,
            suggested: transaction.login_hint.as_deref().and_then(dev::hinted),
            client_name: transaction.client_name.as_deref(),
            state: transaction.upstream_state().as_str(),
            transaction: transaction.id.as_str(),
            flow: &transaction.id.flow().to_string(),
        }),
        Err(reason) => super::refuse(host, StatusCode::BAD_REQUEST, &reason, id.as_ref()),
    }
}

/// Sends the browser to the callback, as a provider would.
fn choose<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Clock + Entropy,
{
    let parameters = match form::read(request) {
        Ok(parameters) => parameters,
        Err(reason) => return super::refuse(host, reason.status(), &reason, None),
    };
    let state = UpstreamState::returned(parameters.value("state").unwrap_or_default());
    let id = state.transaction();
    if let Err(reason) = super::returning(host, settings, server, (request, &state)) {
        return super::refuse(host, StatusCode::BAD_REQUEST, &reason, id.as_ref());
    }
    // Both come from our own page, and both travel as query parameters.
    let outcome = match parameters
        .value("person")
        .filter(|login| dev::person(login).is_some())
    {
        Some(login) => format!("code={login}"),
        None if parameters.value("cancel").is_some() => "error=access_denied".to_owned(),
        None => {
            return super::refuse(
                host,
                StatusCode::BAD_REQUEST,
                &"there is no such test person",
                id.as_ref(),
            );
        }
    };
    back(server, &state, &outcome)
}

/// Back to the callback, as a provider would.
fn back(server: &ServerIdentity, state: &UpstreamState, outcome: &str) -> Response<Bytes> {
    answer::see_other(&server.url(&format!(
        "/callback/{}?state={}&{outcome}",
        dev::PROVIDER,
        state.as_str()
    )))
}
