//! `GET /callback/<provider>`: the way back, cookie and state first.

use bytes::Bytes;
use host::{Audit, Chain, Clock, Entropy, Event};
use http::{Method, Request, Response, StatusCode, header};
use oauth::{
    ErrorCode, Parameters, Person, ServerIdentity, SignIn, Transaction, UpstreamState, dev,
};

use super::Settings;
use crate::answer;
use crate::cookies::CookieKind;
use crate::token::pend;

/// Why a person who came back is not signed in.
#[derive(Debug, thiserror::Error)]
enum SignInRefused {
    #[error("this sign-in is already over: start again from your application")]
    AlreadyOver,
    #[error("the identity provider did not say who you are")]
    NoPerson,
    #[error("signing in is not possible at the moment: reload this page to try again")]
    Unavailable,
}

/// Ends a sign-in: to the client with a code or an error, or to a page.
pub(super) async fn handle<H>(
    host: &H,
    settings: &Settings,
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Response<Bytes>
where
    H: Audit + Chain + Clock + Entropy,
{
    // A HEAD would spend the sign-in and show its outcome to nobody.
    if request.method() != Method::GET {
        return answer::method_not_allowed("GET");
    }
    let parameters = match Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(reason) => return super::refuse(host, StatusCode::BAD_REQUEST, &reason, None),
    };
    let state = UpstreamState::returned(parameters.value("state").unwrap_or_default());
    let id = state.transaction();
    let found = super::transaction(host, settings, server, (request, id.as_ref()));
    let checked =
        found.and_then(|transaction| transaction.check_state(&state).map(|()| transaction));
    let transaction = match checked {
        Ok(transaction) => transaction,
        Err(reason) => return super::refuse(host, StatusCode::BAD_REQUEST, &reason, id.as_ref()),
    };
    match outcome(host, settings, &transaction, &parameters).await {
        Ok(location) => {
            let mut answer = answer::see_other(&location);
            CookieKind::Transaction.clear(&mut answer, server.issuer(), &transaction.id);
            answer
        }
        Err(reason) => {
            let status = match reason {
                SignInRefused::AlreadyOver | SignInRefused::NoPerson => StatusCode::BAD_REQUEST,
                SignInRefused::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            };
            super::refuse(host, status, &reason, Some(&transaction.id))
        }
    }
}

/// Where the browser goes now.
async fn outcome<H>(
    host: &H,
    settings: &Settings,
    transaction: &Transaction,
    parameters: &Parameters,
) -> Result<String, SignInRefused>
where
    H: Audit + Chain + Clock + Entropy,
{
    let answer = |parameters: &[(&str, &str)]| {
        transaction
            .answer(parameters)
            .ok_or(SignInRefused::AlreadyOver)
    };
    if let Some(error) = parameters.value("error") {
        host.record(Event {
            flow: Some(transaction.id.flow().to_string()),
            ..Event::new("sign_in.declined")
        });
        return answer(&[("error", upstream_error(error).as_str())]);
    }
    let person = parameters
        .value("code")
        .and_then(dev::person)
        .ok_or(SignInRefused::NoPerson)?;
    let code = pend_at_token(host, settings, transaction, person).await?;
    answer(&[("code", &code)])
}

/// What a provider's error means to the client (RFC 6749 §4.1.2.1); its text stays here.
fn upstream_error(error: &str) -> ErrorCode {
    match error {
        "access_denied" => ErrorCode::AccessDenied,
        "temporarily_unavailable" => ErrorCode::TemporarilyUnavailable,
        _ => ErrorCode::ServerError,
    }
}

/// Vouches for the person to `token`, which answers with a code.
async fn pend_at_token<H>(
    host: &H,
    settings: &Settings,
    transaction: &Transaction,
    person: Person,
) -> Result<String, SignInRefused>
where
    H: Chain + Clock + Entropy,
{
    let sign_in = SignIn {
        transaction: transaction.clone(),
        person,
        at: host.now(),
    };
    let context = pend::context(&settings.source);
    let sealed = settings
        .sign_ins
        .seal(&sign_in, host.random(), &context)
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
        StatusCode::OK => serde_json::from_slice::<pend::Code>(answer.body())
            .map(|answer| answer.code)
            .map_err(|_| SignInRefused::Unavailable),
        StatusCode::CONFLICT => Err(SignInRefused::AlreadyOver),
        _ => Err(SignInRefused::Unavailable),
    }
}
