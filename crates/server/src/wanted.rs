//! A request that passed the rules, as the server's own.
//!
//! *Invariant:* its metadata has been judged before one is made.

use std::collections::BTreeMap;

use http::HeaderMap;
use mcp::{LogLevel, Refused, Request, RequestId};
use oauth::assertion::Calling;
use serde::{Deserialize as _, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::method::Method;

const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// A request.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) id: Id,
    pub(crate) method: Method,
    pub(crate) method_name: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) calling: Calling,
    pub(crate) headers: HeaderMap,
}

/// The id of a request, kept beyond its body.
#[derive(Clone, Debug)]
pub(crate) struct Id(Box<RawValue>);

impl Id {
    pub(crate) fn keep(id: RequestId<'_>) -> Option<Self> {
        let text = id.as_json().to_owned();
        RawValue::from_string(text).ok().map(Self)
    }

    pub(crate) fn as_value(&self) -> Value {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }

    pub(crate) fn result(&self, result: &impl Serialize) -> Vec<u8> {
        RequestId::read(&self.0).map_or_else(
            || mcp::error(None, &Refused::IdMalformed),
            |id| mcp::result(id, result),
        )
    }

    pub(crate) fn error(&self, refused: &Refused) -> Vec<u8> {
        mcp::error(RequestId::read(&self.0), refused)
    }
}

impl Wanted {
    /// Reads the whole of a request's parameters.
    pub(crate) fn new(
        request: &Request<'_>,
        method: Method,
        calling: Calling,
        headers: HeaderMap,
    ) -> Result<Self, Refused> {
        let params = request.params.raw.map_or("{}", RawValue::get);
        let params = serde_json::from_str(params)
            .map_err(|_| Refused::ParamsMalformed("`params` is nested too deeply"))?;
        Ok(Self {
            id: Id::keep(request.id).ok_or(Refused::IdMalformed)?,
            method,
            method_name: request.method.clone().into_owned(),
            params,
            calling,
            headers,
        })
    }

    pub(crate) fn meta(&self) -> Map<String, Value> {
        let meta = self.params.get("_meta").and_then(Value::as_object);
        meta.cloned().unwrap_or_default()
    }

    pub(crate) fn text(&self, key: &'static str) -> Result<&str, Refused> {
        let text = self.params.get(key).and_then(Value::as_str);
        text.ok_or(Refused::ParamMissing(key))
    }

    /// `arguments`, which may be left out.
    pub(crate) fn arguments(&self) -> Result<Map<String, Value>, Refused> {
        match self.params.get("arguments") {
            None => Ok(Map::new()),
            Some(Value::Object(arguments)) => Ok(arguments.clone()),
            Some(_) => Err(Refused::ArgumentsMalformed),
        }
    }

    /// `arguments` of a prompt, which are strings.
    pub(crate) fn strings(&self) -> Result<BTreeMap<String, String>, Refused> {
        let string = |(key, value): (String, Value)| match value {
            Value::String(text) => Ok((key, text)),
            _ => Err(Refused::ArgumentMissing(key)),
        };
        self.arguments()?.into_iter().map(string).collect()
    }

    /// `inputResponses`, which may be left out.
    pub(crate) fn responses(&self) -> Result<Map<String, Value>, Refused> {
        match self.params.get("inputResponses") {
            None => Ok(Map::new()),
            Some(Value::Object(responses)) => Ok(responses.clone()),
            Some(_) => Err(Refused::AnswersMalformed),
        }
    }

    /// `requestState`, which may be left out.
    pub(crate) fn state(&self) -> Result<Option<&str>, Refused> {
        match self.params.get("requestState") {
            None => Ok(None),
            Some(Value::String(state)) => Ok(Some(state)),
            Some(_) => Err(Refused::StateRefused),
        }
    }

    /// From which level on the client wants to read a log; nothing where it did not say.
    pub(crate) fn log_level(&self) -> Result<Option<LogLevel>, Refused> {
        let level = self.meta().remove(LOG_LEVEL);
        let level = level.map(LogLevel::deserialize).transpose();
        level.map_err(|_| Refused::LogLevelUnknown)
    }

    /// What its progress is told by, where the client wants to hear of it.
    pub(crate) fn progress_token(&self) -> Option<Value> {
        let token = self.meta().remove("progressToken");
        token.filter(|token| token.is_string() || token.is_number())
    }
}
