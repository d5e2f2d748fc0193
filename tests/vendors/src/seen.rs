//! A request, as a vendor saw it.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use serde_json::Value;

/// What was asked, parsed for tests to look at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: http::Method,
    /// The path, without the query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// What the query and then the body say, in order, undecided about repetitions.
    pub parameters: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn new(head: &Parts, body: &Bytes) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let mut parameters = pairs(query.as_bytes());
        let mut seen = Self {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            headers: head.headers.clone(),
            parameters: Vec::new(),
        };
        if seen.is_form() {
            parameters.extend(pairs(body));
        } else if let Ok(Value::Object(members)) = serde_json::from_slice(body) {
            let texts = members.into_iter();
            parameters
                .extend(texts.filter_map(|(name, value)| Some((name, value.as_str()?.into()))));
        }
        seen.parameters = parameters;
        seen
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// A header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether a body is a form.
    pub(crate) fn is_form(&self) -> bool {
        self.is_of("application/x-www-form-urlencoded")
    }

    /// Whether a body is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.is_of("application/json")
    }

    /// Whether JSON is asked for by name.
    pub(crate) fn wants_json(&self) -> bool {
        self.header(ACCEPT.as_str())
            .is_some_and(|accepted| accepted.contains("json"))
    }

    /// The credentials of an authorization scheme.
    pub(crate) fn credentials(&self, scheme: &str) -> Option<&str> {
        let (named, credentials) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        named.eq_ignore_ascii_case(scheme).then_some(credentials)
    }

    fn is_of(&self, media_type: &str) -> bool {
        let named = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let named = named.split(';').next().unwrap_or_default();
        named.trim().eq_ignore_ascii_case(media_type)
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}
