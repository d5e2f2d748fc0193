//! The front door: `/` for people, `/health` for monitors.
//!
//! *Invariant:* nothing here needs a secret, and `/health` answers whatever is misconfigured.

use askama::Template;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL,
    CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use oauth::{Identities, IdentityRefused, ServerIdentity, Timestamp};
use serde::Serialize;

use crate::accept::prefers_json;
use crate::headers::{Forms, answer};
use crate::refusal::{Advice, Refusal, refusal};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// What monitors of the servers we replace compare, key by key.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    timestamp: String,
    service: &'static str,
}

/// What a program reads at `/`.
#[derive(Serialize)]
struct Description {
    name: &'static str,
    mcp: String,
    protected_resource: String,
    authorization_server: String,
    health: String,
}

#[derive(Template)]
#[template(path = "home.html", whitespace = "minimize")]
struct HomePage {
    mcp: String,
    development: bool,
}

/// Answers one request. `identities` is what the settings say this server is.
#[must_use]
pub fn handle(
    now: Timestamp,
    identities: &Result<Identities, IdentityRefused>,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let path = request.uri().path();
    match (path, request.method()) {
        ("/" | "/health", &Method::OPTIONS) => options(StatusCode::NO_CONTENT),
        ("/health", &Method::GET | &Method::HEAD) => health(now),
        ("/", &Method::GET | &Method::HEAD) => front(identities, request),
        ("/" | "/health", _) => options(StatusCode::METHOD_NOT_ALLOWED),
        _ => nothing_here(),
    }
}

fn health(now: Timestamp) -> Response<Bytes> {
    json(
        StatusCode::OK,
        &Health {
            status: "ok",
            timestamp: iso_8601(now),
            service: "MCP Server with Auth",
        },
    )
}

/// The form of ECMAScript's `toISOString`: UTC with milliseconds.
fn iso_8601(now: Timestamp) -> String {
    let moment = i64::try_from(now.as_millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .unwrap_or(jiff::Timestamp::MAX);
    format!("{moment:.3}")
}

fn front(
    identities: &Result<Identities, IdentityRefused>,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let reached = identities
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|identities| identities.reached(request));
    let mut answer = match reached {
        Ok(server) if prefers_json(request.headers()) => description(&server),
        Ok(server) => page(&server, matches!(identities, Ok(Identities::Loopback))),
        Err(reason) => refused(&reason),
    };
    answer
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept"));
    answer
}

fn description(server: &ServerIdentity) -> Response<Bytes> {
    json(
        StatusCode::OK,
        &Description {
            name: "Postern",
            mcp: server.resource().as_str().to_owned(),
            protected_resource: server.url("/.well-known/oauth-protected-resource/mcp"),
            authorization_server: server.url("/.well-known/oauth-authorization-server"),
            health: server.url("/health"),
        },
    )
}

fn page(server: &ServerIdentity, development: bool) -> Response<Bytes> {
    let page = HomePage {
        mcp: server.resource().as_str().to_owned(),
        development,
    };
    answer(StatusCode::OK, Forms::None, &page)
}

fn refused(reason: &IdentityRefused) -> Response<Bytes> {
    // What the settings lack is ours to mend; where a request came from or wanted to go is not.
    let status = match reason {
        IdentityRefused::MalformedPublicUrl
        | IdentityRefused::DevKey(_)
        | IdentityRefused::Unreadable
        | IdentityRefused::NotConfigured
        | IdentityRefused::PlainHttp => StatusCode::SERVICE_UNAVAILABLE,
        IdentityRefused::ForeignHost | IdentityRefused::Forwarded | IdentityRefused::RemotePeer => {
            StatusCode::MISDIRECTED_REQUEST
        }
    };
    let mut answer = refusal(
        status,
        &Refusal {
            title: "This server cannot answer here",
            happened: &reason.to_string(),
            advice: Advice::TellTheOperator,
            flow: None,
        },
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from_static("30");
        answer.headers_mut().insert(RETRY_AFTER, seconds);
    }
    answer
}

fn nothing_here() -> Response<Bytes> {
    refusal(
        StatusCode::NOT_FOUND,
        &Refusal {
            title: "There is nothing here",
            happened: "this server has no page at this address",
            advice: Advice::StartAtHome,
            flow: None,
        },
    )
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(serde_json::to_vec(value).unwrap_or_default()));
    *answer.status_mut() = status;
    let length = HeaderValue::from(answer.body().len());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

fn options(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(ALLOW, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

#[cfg(test)]
mod tests;
