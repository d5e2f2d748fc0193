//! Requests that end before a message is answered, as HTTP says it.
//!
//! *Invariant:* a challenge (RFC 6750 §3, RFC 9728 §5.1) names the metadata of the identity that
//! the request reached, and what a client did not send is not called wrong.

use bytes::Bytes;
use host::{BodyRefused, Unavailable};
use http::{HeaderValue, Request, Response, StatusCode, header};
use mcp::{Era, McpHeaders, Refused};
use oauth::{IdentityRefused, Resource, Scope, Scopes, ServerIdentity};
use serde::Serialize;

use crate::answer;
use crate::credentials::{Answer, CredentialRefused};
use crate::session::SessionRefused;

/// Why a request has no answer of a message's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpRefused {
    #[error(transparent)]
    Body(#[from] BodyRefused),
    #[error("{}", .0.told())]
    Credential(CredentialRefused, Asking),
    #[error(transparent)]
    Identity(#[from] IdentityRefused),
    #[error("the credential lacks the scope for tools")]
    InsufficientScope(Asking),
    #[error(transparent)]
    Message(#[from] Refused),
    #[error("this endpoint takes {0}")]
    Method(&'static str),
    #[error("there is nothing here: the MCP endpoint is /mcp, and /sse for older clients")]
    Path,
    #[error(transparent)]
    Session(#[from] SessionRefused),
    #[error("something that this request needs does not answer right now")]
    Unavailable,
}

#[derive(Serialize)]
struct Wire<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl HttpRefused {
    /// The whole answer.
    pub(crate) fn answer(&self, request: &Request<()>) -> Response<Bytes> {
        let reason = self.to_string();
        match self {
            Self::Body(refused) => {
                let status = match refused {
                    BodyRefused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                    BodyRefused::Unreadable => StatusCode::BAD_REQUEST,
                };
                error(status, "invalid_request", &reason)
            }
            Self::Credential(refused, asking) => credential(refused.answer(), asking, &reason),
            Self::Identity(_) => error(StatusCode::MISDIRECTED_REQUEST, "invalid_request", &reason),
            Self::InsufficientScope(asking) => insufficient(asking, &reason),
            Self::Message(refused) => {
                let era =
                    mcp::rules::revision_by_header(&McpHeaders::read(request.headers())).era();
                message(refused, era)
            }
            Self::Method(allowed) => {
                let mut answer = error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", &reason);
                with(&mut answer, header::ALLOW, allowed);
                answer
            }
            Self::Path | Self::Session(SessionRefused::NotFound) => {
                error(StatusCode::NOT_FOUND, "invalid_request", &reason)
            }
            Self::Session(SessionRefused::Full) => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut answer = error(status, "temporarily_unavailable", &reason);
                with(&mut answer, header::RETRY_AFTER, "5");
                answer
            }
            Self::Session(SessionRefused::Over) => {
                error(StatusCode::GONE, "invalid_request", &reason)
            }
            Self::Session(SessionRefused::Parameter) => {
                error(StatusCode::BAD_REQUEST, "invalid_request", &reason)
            }
            Self::Unavailable => unavailable(&reason),
        }
    }
}

impl From<Unavailable> for HttpRefused {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

/// A refusal of a message whose id is unknown.
fn message(refused: &Refused, era: Era) -> Response<Bytes> {
    answer::json(refused.status(era), mcp::error(None, refused))
}

fn credential(kind: Answer, asking: &Asking, reason: &str) -> Response<Bytes> {
    match kind {
        // RFC 6750 §3.1: no error where there were no credentials.
        Answer::Ask => {
            let mut answer = error(StatusCode::UNAUTHORIZED, "authentication_required", reason);
            challenge(&mut answer, &asking.0);
            answer
        }
        Answer::Invalid => {
            let mut answer = error(StatusCode::UNAUTHORIZED, "invalid_token", reason);
            let because = because("invalid_token", reason);
            challenge(&mut answer, &format!("{}, {because}", asking.0));
            answer
        }
        Answer::Malformed => {
            let mut answer = error(StatusCode::BAD_REQUEST, "invalid_request", reason);
            challenge(
                &mut answer,
                &format!("Bearer {}", because("invalid_request", reason)),
            );
            answer
        }
        Answer::Later => unavailable(reason),
    }
}

fn unavailable(reason: &str) -> Response<Bytes> {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut answer = error(status, "temporarily_unavailable", reason);
    with(&mut answer, header::RETRY_AFTER, "5");
    answer
}

fn insufficient(asking: &Asking, reason: &str) -> Response<Bytes> {
    let mut answer = error(StatusCode::FORBIDDEN, "insufficient_scope", reason);
    let because = because("insufficient_scope", reason);
    challenge(&mut answer, &format!("{}, {because}", asking.0));
    answer
}

/// Every scope that tools normally need: clients that cannot step up later never have to.
fn needed() -> Scopes {
    Scope::OF_RESOURCE.into_iter().collect()
}

/// The part of a challenge that says where and with what to ask.
#[derive(Debug)]
pub(crate) struct Asking(String);

impl Asking {
    /// For one of the resources of `server` (RFC 9728 §3.1: its path follows).
    pub(crate) fn new(server: &ServerIdentity, resource: &Resource) -> Self {
        let path = resource.as_str().strip_prefix(server.issuer().as_str());
        let path = path.unwrap_or_default();
        let metadata = server.url(&format!("/.well-known/oauth-protected-resource{path}"));
        let scopes = needed();
        Self(format!(
            r#"Bearer resource_metadata="{metadata}", scope="{scopes}""#
        ))
    }
}

/// Our reasons have no quotes or backslashes, so they are quoted strings as they are.
fn because(code: &str, reason: &str) -> String {
    format!(r#"error="{code}", error_description="{reason}""#)
}

fn challenge(answer: &mut Response<Bytes>, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
}

fn with(answer: &mut Response<Bytes>, name: header::HeaderName, value: &'static str) {
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

fn error(status: StatusCode, error: &str, error_description: &str) -> Response<Bytes> {
    let wire = Wire {
        error,
        error_description,
    };
    // Two strings always serialise.
    answer::json(status, serde_json::to_vec(&wire).unwrap_or_default())
}
