//! Questions on the way to a result: how a server of the modern era puts them, and how a client of
//! the legacy era is asked (2026-07-28, Multi Round-Trip Requests; 2025-11-25, Client Features).
//!
//! *Invariant:* whatever is asked is one of three things that a client said it can do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::client_capabilities::{ClientCapabilities, ClientCapability};
use crate::reply::ReplyRefused;

/// What a client can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputMethod {
    /// A form or a web page for the person.
    #[serde(rename = "elicitation/create")]
    Elicitation,
    /// Where on its machine the client works.
    #[serde(rename = "roots/list")]
    Roots,
    /// What its model says.
    #[serde(rename = "sampling/createMessage")]
    Sampling,
}

/// One question.
#[derive(Clone, Debug, Deserialize)]
pub struct InputRequest<'a> {
    /// What is asked.
    pub method: InputMethod,
    #[serde(borrow, default)]
    params: Option<BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>>,
}

/// A result that is none yet.
#[derive(Clone, Debug, Deserialize)]
pub struct InputRequired<'a> {
    /// What is asked, each by the server's own key.
    #[serde(borrow, rename = "inputRequests", default)]
    pub requests: BTreeMap<String, InputRequest<'a>>,
    /// What the server wants to see again, as it is.
    #[serde(borrow, rename = "requestState", default)]
    pub state: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow, rename = "resultType")]
    kind: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Wire<'a> {
    jsonrpc: &'static str,
    id: &'a str,
    method: InputMethod,
    params: BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>,
}

/// Nobody is asked more at once.
const MOST: usize = 16;

impl InputMethod {
    /// What the client must be able to do.
    #[must_use]
    pub const fn needs(self) -> ClientCapability {
        match self {
            Self::Elicitation => ClientCapability::Elicitation,
            Self::Roots => ClientCapability::Roots,
            Self::Sampling => ClientCapability::Sampling,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elicitation => "elicitation/create",
            Self::Roots => "roots/list",
            Self::Sampling => "sampling/createMessage",
        }
    }
}

impl InputRequest<'_> {
    /// Whether a client with these capabilities can be asked.
    #[must_use]
    pub fn is_for(&self, client: &ClientCapabilities) -> bool {
        if self.shows_a_page() {
            client.has_pages()
        } else {
            client.has(self.method.needs())
        }
    }

    /// The request of the legacy era that asks it.
    #[must_use]
    pub fn write(&self, id: &str) -> String {
        let mut params = self.params.clone().unwrap_or_default();
        // 2025-11-25, Elicitation, URL Mode: it has an id of its own, which 2026-07-28 dropped.
        if self.shows_a_page()
            && let Ok(id) = serde_json::value::to_raw_value(id)
        {
            let of_page = params.entry("elicitationId".into());
            of_page.or_insert(Cow::Owned(id));
        }
        let wire = Wire {
            jsonrpc: "2.0",
            id,
            method: self.method,
            params,
        };
        // Strings and raw JSON always have a text.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    fn shows_a_page(&self) -> bool {
        let mode = self.params.as_ref().and_then(|params| params.get("mode"));
        self.method == InputMethod::Elicitation && mode.is_some_and(|mode| mode.get() == "\"url\"")
    }
}

impl<'a> InputRequired<'a> {
    /// Reads a result that asks for something; nothing where it does not.
    pub fn read(result: &'a RawValue) -> Result<Option<Self>, ReplyRefused> {
        let malformed = |_| ReplyRefused::Malformed;
        let kind: Kind<'_> = serde_json::from_str(result.get()).map_err(malformed)?;
        if kind.kind.as_deref() != Some("input_required") {
            return Ok(None);
        }
        let required: Self = serde_json::from_str(result.get()).map_err(malformed)?;
        let nothing = required.requests.is_empty() && required.state.is_none();
        if nothing || required.requests.len() > MOST {
            return Err(ReplyRefused::Malformed);
        }
        Ok(Some(required))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Revision;
    use serde_json::{Value, json, value::to_raw_value};

    fn raw(json: &Value) -> Box<RawValue> {
        to_raw_value(json).unwrap()
    }

    #[test]
    fn a_result_asks_or_it_does_not() {
        let one = json!({"method": "roots/list"});
        let many: BTreeMap<String, &Value> =
            (0..=MOST).map(|key| (key.to_string(), &one)).collect();
        for (result, asked) in [
            (
                json!({"resultType": "complete", "inputRequests": {"a": one}}),
                Ok(None),
            ),
            (json!({"content": []}), Ok(None)),
            (
                json!({"resultType": "input_required", "inputRequests": {"a": one, "b": one}}),
                Ok(Some(2)),
            ),
            (
                json!({"resultType": "input_required", "requestState": "s"}),
                Ok(Some(0)),
            ),
            (
                json!({"resultType": "input_required"}),
                Err(ReplyRefused::Malformed),
            ),
            (
                json!({"resultType": "input_required", "inputRequests": {"a": {"method": "ping"}}}),
                Err(ReplyRefused::Malformed),
            ),
            (
                json!({"resultType": "input_required", "inputRequests": many}),
                Err(ReplyRefused::Malformed),
            ),
            (json!([]), Err(ReplyRefused::Malformed)),
        ] {
            let read = raw(&result);
            let read = InputRequired::read(&read);
            let counted = read.map(|read| read.map(|read| read.requests.len()));
            assert_eq!(counted, asked, "{result}");
        }
    }

    #[test]
    fn a_question_is_put_to_a_client_that_can_answer_it_and_in_its_own_words() {
        let form = json!({"message": "m", "requestedSchema": {"type": "object"}});
        let page = json!({"mode": "url", "message": "m", "url": "https://example.com"});
        let mut told = page.clone();
        told["elicitationId"] = json!("7");
        for (method, params, needs, told) in [
            (
                "elicitation/create",
                form.clone(),
                json!({"elicitation": {}}),
                form,
            ),
            (
                "elicitation/create",
                page,
                json!({"elicitation": {"url": {}}}),
                told,
            ),
            ("roots/list", Value::Null, json!({"roots": {}}), json!({})),
            (
                "sampling/createMessage",
                json!({"a": 1}),
                json!({"sampling": {}}),
                json!({"a": 1}),
            ),
        ] {
            let request = raw(&json!({"method": method, "params": params}));
            let request: InputRequest<'_> = serde_json::from_str(request.get()).unwrap();
            let client = |listed: &Value| {
                let listed = listed.as_object().unwrap();
                ClientCapabilities::initialized(listed, Revision::V2025_11_25)
            };
            assert!(request.is_for(&client(&needs)), "{method} {params}");
            assert!(!request.is_for(&client(&json!({}))), "{method}");
            let written: Value = serde_json::from_str(&request.write("7")).unwrap();
            let expected = json!({"jsonrpc": "2.0", "id": "7", "method": method, "params": told});
            assert_eq!(written, expected);
        }
        let page = raw(&json!({"method": "elicitation/create", "params": {"mode": "url"}}));
        let page: InputRequest<'_> = serde_json::from_str(page.get()).unwrap();
        let forms = json!({"elicitation": {"form": {}}});
        let forms =
            ClientCapabilities::initialized(forms.as_object().unwrap(), Revision::V2025_11_25);
        assert!(!page.is_for(&forms), "a page is no form");
    }
}
