//! Answers that several endpoints give alike.
//!
//! *Invariant:* a JSON answer is never cached unless it says so, and its CORS headers let any
//! page read it, since no answer here depends on a cookie except the pages, which have none.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use oauth::{ErrorCode, FlowId, IdentityRefused, WireError};
use pages::{Advice, Refusal};
use serde::Serialize;

/// A JSON answer that is not kept.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    // Our own types always serialise: their maps have text keys and their numbers are finite.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    with(&mut answer, header::CONTENT_TYPE, "application/json");
    with(&mut answer, header::CACHE_CONTROL, "no-store");
    with(&mut answer, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    cors(&mut answer);
    answer
}

/// An error as OAuth clients read it.
pub(crate) fn error(code: ErrorCode, reason: &impl ToString) -> Response<Bytes> {
    let mut answer = json(code.status(), &WireError::new(code, reason));
    if code == ErrorCode::TemporarilyUnavailable {
        with(&mut answer, header::RETRY_AFTER, "5");
    }
    answer
}

/// A request that reached no identity of ours (RFC 9110 §15.5.20).
pub(crate) fn misdirected(reason: &IdentityRefused) -> Response<Bytes> {
    json(
        StatusCode::MISDIRECTED_REQUEST,
        &WireError::new(ErrorCode::InvalidRequest, reason),
    )
}

/// What is not a method of this endpoint: a preflight's answer, or 405 and what is.
pub(crate) fn other_method(method: &Method, allowed: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = if *method == Method::OPTIONS {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::METHOD_NOT_ALLOWED
    };
    with(&mut answer, header::ALLOW, allowed);
    with(&mut answer, header::ACCESS_CONTROL_ALLOW_METHODS, allowed);
    with(&mut answer, header::ACCESS_CONTROL_MAX_AGE, "86400");
    cors(&mut answer);
    answer
}

/// 405 for the pages, which no other site's script may call.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    with(&mut answer, header::ALLOW, allowed);
    answer
}

/// Sends the browser elsewhere with a GET.
pub(crate) fn see_other(location: &str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    with(&mut answer, header::CACHE_CONTROL, "no-store");
    with(&mut answer, header::REFERRER_POLICY, "no-referrer");
    answer
}

/// Adds a header whose value is fixed.
pub(crate) fn with(answer: &mut Response<Bytes>, name: HeaderName, value: &'static str) {
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

/// Whether a request's body is of this media type, whatever its parameters.
pub(crate) fn is_media_type(request: &Request<Bytes>, expected: &str) -> bool {
    let value = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case(expected))
}

fn cors(answer: &mut Response<Bytes>) {
    with(answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    // A wildcard never covers `authorization` (Fetch §3.2.3).
    with(
        answer,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, accept, mcp-protocol-version",
    );
    with(
        answer,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "www-authenticate, retry-after",
    );
}

/// A page that says what happened, in the words of `reason`, and what to do.
pub(crate) fn refusal(
    status: StatusCode,
    reason: &impl ToString,
    flow: &FlowId,
    advice: Advice,
) -> Response<Bytes> {
    let title = match advice {
        Advice::AskToBeAdmitted => "You may not sign in here",
        Advice::RegisterAgain(_) => "This application is not known here",
        Advice::Reload => "Signing in is not possible at the moment",
        Advice::StartAgain => "This sign-in cannot go on",
        Advice::StartAtHome => "There is nothing here",
        Advice::TellTheOperator if status == StatusCode::BAD_GATEWAY => {
            "You could not be signed in"
        }
        Advice::TellTheOperator => "This server cannot be reached this way",
        Advice::TellThePublisher => "What this application says of itself is refused",
    };
    let (happened, flow) = (reason.to_string(), flow.to_string());
    pages::refusal(
        status,
        &Refusal {
            title,
            happened: &happened,
            advice,
            flow: Some(&flow),
        },
    )
}
