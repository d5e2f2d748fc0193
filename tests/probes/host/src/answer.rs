//! Answers with a length, and the parameters of a request.
//!
//! *Invariant:* nothing here reads a body or a header.

use bytes::Bytes;
use http::{Response, StatusCode, header::CONTENT_LENGTH};
use serde::Serialize;
use spin_sdk::{
    http::{Error, FullBody, IntoResponse, Request},
    wasip3::http::types,
};

/// What every behaviour ends in.
pub(crate) type Answer = Result<types::Response, Error>;

/// A text with a status.
pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let bytes = text.into();
    let length = bytes.len();
    let mut response = Response::new(FullBody::new(bytes));
    *response.status_mut() = status;
    // Without a length Spin sends the end of the body in a segment of its own, 40 ms late.
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    Ok(response.into_response()?)
}

/// A value as JSON, with status 200.
pub(crate) fn json(value: &impl Serialize) -> Answer {
    let json = serde_json::to_vec(value).map_err(|error| Error::other(error.to_string()))?;
    text(StatusCode::OK, json)
}

/// The 404 of a path that selects nothing.
pub(crate) fn unknown(action: &str) -> Answer {
    text(StatusCode::NOT_FOUND, format!("no action named {action}"))
}

/// A parameter of the query, decoded.
pub(crate) fn parameter(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A number in the query, or `default`.
pub(crate) fn number(request: &Request, name: &str, default: u64) -> u64 {
    parameter(request, name)
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}
