//! Responses: the ones we write, and the ones a server behind us wrote.
//!
//! *Invariant:* an `id` that is unknown is left out; `null` would be one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::refused::{ErrorCode, Refused};
use crate::request_id::RequestId;

#[derive(Serialize)]
struct Wire<'a, T> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RequestId<'a>>,
    #[serde(flatten)]
    outcome: Outcome<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<T> {
    Error(T),
    Result(T),
}

#[derive(Serialize)]
struct Error {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<RawValue>>,
}

/// What goes out should writing fail, which no type here can make happen.
const UNWRITABLE: &[u8] =
    br#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"the answer could not be written"}}"#;

/// The response that carries `result`.
#[must_use]
pub fn result(id: RequestId<'_>, result: &impl Serialize) -> Vec<u8> {
    write(Some(id), Outcome::Result(result))
}

/// The response that refuses a message.
#[must_use]
pub fn error(id: Option<RequestId<'_>>, refused: &Refused) -> Vec<u8> {
    let error = Error {
        code: refused.code().number(),
        message: refused.to_string(),
        data: refused.data(),
    };
    write(id, Outcome::Error(&error))
}

fn write<T: Serialize>(id: Option<RequestId<'_>>, outcome: Outcome<&T>) -> Vec<u8> {
    let wire = Wire {
        jsonrpc: "2.0",
        id,
        outcome,
    };
    serde_json::to_vec(&wire).unwrap_or_else(|_| UNWRITABLE.to_vec())
}

/// A response that a server behind us wrote.
#[derive(Clone, Copy, Debug)]
pub enum Reply<'a> {
    /// It failed, and this is the error.
    Error(&'a RawValue),
    /// It did, and this is the result.
    Result(&'a RawValue),
}

/// Why a server's response is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyRefused {
    /// It wants another turn, in a way this client cannot take.
    #[error("asks for input that this client's protocol revision cannot give")]
    Incomplete,
    /// Not a JSON-RPC response.
    #[error("answered with something that is no JSON-RPC response")]
    Malformed,
    /// It answers another request.
    #[error("answered another request than it was asked")]
    OtherId,
}

#[derive(Deserialize)]
struct Received<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl<'a> Reply<'a> {
    /// Reads the response to the request `id`.
    pub fn read(bytes: &'a [u8], id: RequestId<'_>) -> Result<Self, ReplyRefused> {
        let received: Received<'a> =
            serde_json::from_slice(bytes).map_err(|_| ReplyRefused::Malformed)?;
        if received.jsonrpc != "2.0" {
            return Err(ReplyRefused::Malformed);
        }
        // A server that could not read the id leaves it out of its error.
        let other = received
            .id
            .is_some_and(|theirs| RequestId::read(theirs) != Some(id));
        match (received.result, received.error) {
            (Some(_), Some(_)) | (None, None) => Err(ReplyRefused::Malformed),
            _ if other => Err(ReplyRefused::OtherId),
            (Some(_), None) if received.id.is_none() => Err(ReplyRefused::OtherId),
            (Some(result), None) => Ok(Self::Result(result)),
            (None, Some(error)) => Ok(Self::Error(error)),
        }
    }

    /// The URI that a modern server found nothing at (2026-07-28, Resources, Error Handling).
    #[must_use]
    pub fn unknown_resource(self) -> Option<String> {
        #[derive(Deserialize)]
        struct Unknown {
            code: i32,
            data: Where,
        }
        #[derive(Deserialize)]
        struct Where {
            uri: String,
        }
        let Self::Error(error) = self else {
            return None;
        };
        let unknown: Unknown = serde_json::from_str(error.get()).ok()?;
        let is_unknown = unknown.code == ErrorCode::InvalidParams.number();
        is_unknown.then_some(unknown.data.uri)
    }

    /// The same response, written anew for the request `id`.
    #[must_use]
    pub fn write(self, id: RequestId<'_>) -> Vec<u8> {
        match self {
            Self::Error(error) => write(Some(id), Outcome::Error(&error)),
            Self::Result(result) => write(Some(id), Outcome::Result(&result)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn an_unknown_id_is_left_out_and_a_known_one_is_echoed() {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        assert_eq!(
            text(error(None, &Refused::BatchEmpty)),
            r#"{"jsonrpc":"2.0","error":{"code":-32600,"message":"a batch must not be empty"}}"#
        );
        let id = id(r#""\u0061""#);
        let id = RequestId::read(&id);
        assert_eq!(
            text(result(id.unwrap(), &crate::results::Empty {})),
            r#"{"jsonrpc":"2.0","id":"\u0061","result":{}}"#
        );
    }

    #[test]
    fn only_the_answer_to_this_request_is_passed_on() {
        let id = id("1");
        let id = RequestId::read(&id).unwrap();
        for (body, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, Ok(())),
            (
                r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#,
                Ok(()),
            ),
            (
                r#"{"jsonrpc":"2.0","error":{"code":1,"message":"m"}}"#,
                Ok(()),
            ),
            (
                r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}"#,
                Ok(()),
            ),
            (
                r#"{"jsonrpc":"2.0","result":{}}"#,
                Err(ReplyRefused::OtherId),
            ),
            (
                r#"{"jsonrpc":"2.0","id":2,"result":{}}"#,
                Err(ReplyRefused::OtherId),
            ),
            (r#"{"jsonrpc":"2.0","id":1}"#, Err(ReplyRefused::Malformed)),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
                Err(ReplyRefused::Malformed),
            ),
            (r#"{"id":1,"result":{}}"#, Err(ReplyRefused::Malformed)),
            ("<html>", Err(ReplyRefused::Malformed)),
        ] {
            assert_eq!(
                Reply::read(body.as_bytes(), id).map(|_| ()),
                expected,
                "{body}"
            );
        }
    }
}
