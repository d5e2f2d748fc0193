//! The JSON-RPC 2.0 envelope: what a body is, before anybody asks what it wants.
//!
//! *Invariant:* a key that appears twice is refused, so that we and a server behind us can never
//! read two different messages from the same bytes.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::params::Params;
use crate::refused::Refused;
use crate::reply::Reply;
use crate::request_id::RequestId;

/// A batch longer than this is a flood.
const MOST_IN_A_BATCH: usize = 32;

/// The body of one POST.
#[derive(Debug)]
pub enum Body<'a> {
    /// Several messages, as 2025-03-26 allows, each good or not by itself.
    Batch(Vec<Result<Message<'a>, Malformed<'a>>>),
    /// One message.
    Single(Message<'a>),
}

/// One message.
#[derive(Debug)]
pub enum Message<'a> {
    /// Wants no answer.
    Notification(Notification<'a>),
    /// Wants an answer.
    Request(Request<'a>),
    /// Is an answer.
    Response(Response<'a>),
}

/// A request.
#[derive(Debug)]
pub struct Request<'a> {
    /// What the answer must carry.
    pub id: RequestId<'a>,
    /// What is wanted.
    pub method: Cow<'a, str>,
    /// With what.
    pub params: Params<'a>,
}

/// A notification.
#[derive(Debug)]
pub struct Notification<'a> {
    /// What happened.
    pub method: Cow<'a, str>,
    /// With what.
    pub params: Params<'a>,
}

/// An answer to something that was asked of the other side.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// What it answers; left out where that could not be read.
    pub id: Option<RequestId<'a>>,
    /// What it says.
    pub reply: Reply<'a>,
}

/// A message that is none, and its id where that much could be read.
#[derive(Debug)]
pub struct Malformed<'a> {
    /// What is wrong with it.
    pub reason: Refused,
    /// Whose answer the refusal is; left out where unknown.
    pub id: Option<RequestId<'a>>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    error: Option<&'a RawValue>,
}

/// `null` is a value here: an id of `null` is not a missing id.
fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Body<'a> {
    /// Reads a body.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed<'a>> {
        if first_byte(bytes) != Some(b'[') {
            return Message::parse(bytes).map(Self::Single);
        }
        let messages: Vec<&'a RawValue> =
            serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
        match messages.len() {
            0 => Err(Refused::BatchEmpty.into()),
            1..=MOST_IN_A_BATCH => Ok(Self::Batch(
                messages
                    .into_iter()
                    .map(|message| Message::parse(message.get().as_bytes()))
                    .collect(),
            )),
            _ => Err(Refused::BatchTooLong(MOST_IN_A_BATCH).into()),
        }
    }
}

impl<'a> Message<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Malformed<'a>> {
        // Serde would read an array into a struct by position.
        if !matches!(first_byte(bytes), None | Some(b'{')) {
            let json: Result<&RawValue, _> = serde_json::from_slice(bytes);
            return Err(
                json.map_or_else(|error| unreadable(&error), |_| Refused::NotAnObject.into())
            );
        }
        let wire: Wire<'a> = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
        let id = wire.id.and_then(RequestId::read);
        let refuse = |reason| Malformed { reason, id };
        if wire.jsonrpc.as_deref() != Some("2.0") {
            return Err(refuse(Refused::NotJsonRpc2));
        }
        if wire.id.is_some() && id.is_none() {
            return Err(refuse(Refused::IdMalformed));
        }
        let reply = wire.error.map(Reply::Error);
        let reply = reply.or(wire.result.map(Reply::Result));
        let method = match (wire.method, reply) {
            (Some(method), None) => method,
            (None, Some(reply)) => return Ok(Self::Response(Response { id, reply })),
            (Some(_), Some(_)) => return Err(refuse(Refused::BothRequestAndResponse)),
            (None, None) => return Err(refuse(Refused::MethodMissing)),
        };
        let params = wire.params.map_or(Ok(Params::default()), Params::read);
        let params = params.map_err(refuse)?;
        Ok(match id {
            Some(id) => Self::Request(Request { id, method, params }),
            None => Self::Notification(Notification { method, params }),
        })
    }
}

impl From<Refused> for Malformed<'_> {
    fn from(reason: Refused) -> Self {
        Self { reason, id: None }
    }
}

fn first_byte(bytes: &[u8]) -> Option<u8> {
    let blank = |byte: &&u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    bytes.iter().find(blank).copied()
}

fn unreadable(error: &serde_json::Error) -> Malformed<'static> {
    match error.classify() {
        Category::Data => Refused::EnvelopeMalformed(error.to_string()).into(),
        Category::Eof | Category::Io | Category::Syntax => {
            Refused::NotJson(error.to_string()).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(body: &str) -> String {
        let name = |message: &Result<Message<'_>, Malformed<'_>>| match message {
            Ok(Message::Notification(notification)) => {
                format!("notification {}", notification.method)
            }
            Ok(Message::Request(request)) => {
                format!("request {} {}", request.id.as_json(), request.method)
            }
            Ok(Message::Response(_)) => "response".to_owned(),
            Err(malformed) => {
                let id = malformed.id.map_or("-", RequestId::as_json);
                format!("{} {id}", malformed.reason.code().number())
            }
        };
        match Body::parse(body.as_bytes()) {
            Ok(Body::Single(message)) => name(&Ok(message)),
            Ok(Body::Batch(messages)) => messages.iter().map(name).collect::<Vec<_>>().join("; "),
            Err(malformed) => name(&Err(malformed)),
        }
    }

    #[test]
    fn messages_are_told_apart_and_a_broken_one_names_its_rule() {
        for (body, expected) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
                "request 1 ping",
            ),
            (
                r#" {"jsonrpc":"2.0","id":"a","method":"ping","params":{}} "#,
                "request \"a\" ping",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"p\u0069ng"}"#,
                "request 1 ping",
            ),
            (r#"{"jsonrpc":"2.0","method":"x"}"#, "notification x"),
            (r#"{"jsonrpc":"2.0","id":1,"result":null}"#, "response"),
            (
                r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#,
                "response",
            ),
            (r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, "-32600 -"),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#, "-32600 -"),
            (r#"{"jsonrpc":"2.0","id":1}"#, "-32600 1"),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","result":{}}"#,
                "-32600 1",
            ),
            (r#"{"jsonrpc":"1.0","id":1,"method":"x"}"#, "-32600 1"),
            (r#"{"id":1,"method":"x"}"#, "-32600 1"),
            (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, "-32600 -"),
            (
                r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}"#,
                "-32600 -",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#,
                "-32602 1",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":null}"#,
                "-32602 1",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"a","n\u0061me":"b"}}"#,
                "-32602 1",
            ),
            (r#"["2.0",1,"ping"]"#, "-32600 -; -32600 -; -32600 -"),
            ("7", "-32600 -"),
            ("", "-32700 -"),
            ("{", "-32700 -"),
            ("{\"jsonrpc\":\"2.0\"} x", "-32700 -"),
            ("\u{feff}{}", "-32700 -"),
            ("[]", "-32600 -"),
            ("[[]]", "-32600 -"),
            (
                r#"[{"jsonrpc":"2.0","id":1,"method":"a"},7,{"jsonrpc":"2.0","method":"b"}]"#,
                "request 1 a; -32600 -; notification b",
            ),
        ] {
            assert_eq!(kind(body), expected, "{body}");
        }
    }

    #[test]
    fn a_flood_in_one_body_is_refused() {
        let one = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let batch = |count| format!("[{}]", vec![one; count].join(","));
        assert!(matches!(
            Body::parse(batch(MOST_IN_A_BATCH).as_bytes()),
            Ok(Body::Batch(_))
        ));
        assert_eq!(kind(&batch(MOST_IN_A_BATCH + 1)), "-32600 -");
    }

    #[test]
    fn a_deeply_nested_payload_is_carried_without_being_climbed() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"arguments":{deep}}}}}"#);
        assert_eq!(kind(&body), "request 1 x");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Body::parse(&bytes);
        }

        #[test]
        fn a_payload_is_kept_byte_for_byte(text in "\\PC{0,40}", number in any::<i64>()) {
            let arguments = serde_json::json!({ "text": text, "number": number }).to_string();
            let body = format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"arguments": {arguments}}}}}"#);
            let Ok(Body::Single(Message::Request(request))) = Body::parse(body.as_bytes()) else {
                return Err(TestCaseError::fail("not a request"));
            };
            prop_assert_eq!(request.params.arguments.map(RawValue::get), Some(arguments.as_str()));
            prop_assert_eq!(request.id.as_json(), number.to_string());
        }
    }
}
