//! What a vendor answers.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

/// When an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// At once.
    Now,
    /// After a while.
    After(Duration),
    /// Never.
    Never,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) when: When,
}

impl Answer {
    fn of(status: u16, media_type: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", media_type.to_owned()),
                ("cache-control", "no-store".to_owned()),
            ],
            body: body.into(),
            when: When::Now,
        }
    }

    /// JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string())
    }

    /// A form, as GitHub answers who does not ask for JSON.
    pub(crate) fn form(status: u16, body: &Value) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in body.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => form.append_pair(name, text),
                other => form.append_pair(name, &other.to_string()),
            };
        }
        let media_type = "application/x-www-form-urlencoded; charset=utf-8";
        Self::of(status, media_type, form.finish())
    }

    /// A page for people.
    pub(crate) fn page(status: u16, text: &str) -> Self {
        let body = format!("<!doctype html><title>{text}</title><h1>{text}</h1>");
        Self::of(status, "text/html; charset=utf-8", body)
    }

    /// Somewhere else.
    pub(crate) fn redirect(location: impl Into<String>) -> Self {
        Self::page(302, "Found").header("location", location)
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// As it is sent.
    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = StatusCode::from_u16(self.status).expect("a status");
        for (name, value) in self.headers {
            let value = value.parse().expect("a header value");
            response.headers_mut().append(name, value);
        }
        response
    }
}
