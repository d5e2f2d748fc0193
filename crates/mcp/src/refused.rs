//! Why a message is refused, and the one table from reasons to codes and statuses.
//!
//! *Invariant:* a reason carries no argument of a tool and no secret: what the client sent beyond
//! the envelope is never repeated, except the beginning of the version, method or tool name it
//! asked for.

use std::borrow::Cow;

use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::client_capabilities::ClientCapability;
use crate::revision::{Era, Revision};

/// A JSON-RPC error code, of JSON-RPC 2.0 or of MCP 2026-07-28.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A header differs from the body.
    HeaderMismatch,
    /// Something is wrong on this side.
    InternalError,
    /// Known method, bad parameters; also an unknown tool.
    InvalidParams,
    /// JSON, but no request.
    InvalidRequest,
    /// Unknown here, or not offered.
    MethodNotFound,
    /// It needs something that the client did not say it can do.
    MissingRequiredClientCapability,
    /// Not JSON.
    ParseError,
    /// Nothing to read there, in the word of the legacy era.
    ResourceNotFound,
    /// A revision that is not spoken here.
    UnsupportedProtocolVersion,
}

impl ErrorCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::HeaderMismatch => -32020,
            Self::InternalError => -32603,
            Self::InvalidParams => -32602,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::MissingRequiredClientCapability => -32021,
            Self::ParseError => -32700,
            Self::ResourceNotFound => -32002,
            Self::UnsupportedProtocolVersion => -32022,
        }
    }
}

/// No name of a tool or a method is longer (2025-11-25, Tools, Tool Names).
const REPEATED: usize = 128;

/// As much of what a client said as an answer or a log repeats.
#[must_use]
pub fn repeated(text: &str) -> Cow<'_, str> {
    let end = text.char_indices().nth(REPEATED).map(|(end, _)| end);
    match end.and_then(|end| text.get(..end)) {
        None => Cow::Borrowed(text),
        Some(beginning) => Cow::Owned(format!("{beginning}…")),
    }
}

/// Why a message is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// `inputResponses` is no object.
    #[error(
        "`params.inputResponses` must be an object, with an answer under each key that was asked"
    )]
    AnswersMalformed,
    /// A prompt cannot be made without it.
    #[error("`params.arguments.{}` is missing: it must be a string", repeated(.0))]
    ArgumentMissing(String),
    /// `arguments` is no object.
    #[error("`params.arguments` must be an object")]
    ArgumentsMalformed,
    /// An array without a message in it.
    #[error("a batch must not be empty")]
    BatchEmpty,
    /// An array where the revision has none.
    #[error("one message per request: batches ended with revision 2025-03-26")]
    BatchRemoved,
    /// Too many messages at once.
    #[error("a batch must not have more than {0} messages")]
    BatchTooLong(usize),
    /// A method and a result in one message.
    #[error("a message is a request or a response, not both")]
    BothRequestAndResponse,
    /// The client did not say that it can do this.
    #[error("this needs a client with the capability `{}`", .0.as_str())]
    CapabilityMissing(ClientCapability),
    /// A page that was never offered.
    #[error("`params.cursor` is none of this server's: the list has one page")]
    CursorUnknown,
    /// The client answered a question with an error.
    #[error("the client refused to answer `{0}`")]
    ClientRefused(&'static str),
    /// The client did not answer a question.
    #[error("the client did not answer `{method}` within {seconds} seconds")]
    ClientSilent {
        /// What it was asked.
        method: &'static str,
        /// How long that was waited for.
        seconds: u64,
    },
    /// The members of the envelope have other types, or one comes twice.
    #[error("the message is no JSON-RPC request: {0}")]
    EnvelopeMalformed(String),
    /// Something is wrong on this side, in our words.
    #[error("the server {0}")]
    Failed(&'static str),
    /// A header whose Base64 is broken, or that comes twice.
    #[error("the header {0} cannot be read")]
    HeaderMalformed(&'static str),
    /// A header that says otherwise than the body.
    #[error("the header {0} differs from the body")]
    HeaderMismatch(&'static str),
    /// A header that must be there.
    #[error("the header {0} is missing")]
    HeaderMissing(&'static str),
    /// Neither a string nor an integer.
    #[error("`id` must be a string or an integer")]
    IdMalformed,
    /// It begins a session, so it comes alone.
    #[error("`initialize` must not be part of a batch")]
    InitializeInBatch,
    /// No level of RFC 5424's, in `logging/setLevel`.
    #[error(
        "`params.level` must be one of debug, info, notice, warning, error, critical, alert, emergency"
    )]
    LevelUnknown,
    /// No level of RFC 5424's.
    #[error("`params._meta` has a log level that is none")]
    LogLevelUnknown,
    /// A required key of `_meta` is missing or has another type.
    #[error("`params._meta` must have {0}")]
    MetaMissing(&'static str),
    /// Not `application/json`.
    #[error("the body must be application/json")]
    MediaType,
    /// Neither method nor result.
    #[error("`method` is missing")]
    MethodMissing,
    /// A method this era does not have, or this server does not offer.
    #[error("unknown method: {}", repeated(.0))]
    MethodUnknown(String),
    /// JSON, but not an object.
    #[error("a message must be a JSON object")]
    NotAnObject,
    /// Not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// Another protocol.
    #[error("`jsonrpc` must be \"2.0\"")]
    NotJsonRpc2,
    /// A page that may not call this server.
    #[error("requests from this origin are not allowed: list it in the variable `allowed_origins`")]
    OriginNotAllowed,
    /// A header that mirrors an argument, and does not.
    #[error("the header Mcp-Param-{name} {fault}")]
    ParamHeader {
        /// The name that the tool's schema gives it.
        name: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// A member of `params` that the method needs.
    #[error("`params.{0}` must be a string")]
    ParamMissing(&'static str),
    /// `params` of another shape.
    #[error("{0}")]
    ParamsMalformed(&'static str),
    /// No such prompt for this person.
    #[error("unknown prompt: {}", repeated(.0))]
    PromptUnknown(String),
    /// Nothing to read there for this person, as the legacy era says it.
    #[error("resource not found: {}", repeated(.0))]
    ResourceNotFound(String),
    /// Nothing to read there for this person.
    #[error("resource not found: {}", repeated(.0))]
    ResourceUnknown(String),
    /// An answer to nothing.
    #[error("this server asked nothing that this could answer")]
    ResponseUnexpected,
    /// The server behind the tool gave no answer that could be passed on.
    #[error("the server {server} {reason}")]
    ServerFailed {
        /// Which one.
        server: String,
        /// What went wrong, in our words.
        reason: &'static str,
    },
    /// The server behind the tool takes longer than a stream may be held.
    #[error("the server {server} has not answered within {seconds} seconds")]
    ServerSlow {
        /// Which one.
        server: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// It counts in a session, and the request belongs to none.
    #[error("this counts in a session: begin one with `initialize`, and show its id")]
    SessionNeeded,
    /// Not sealed here, not for this person and call, or too old.
    #[error("`params.requestState` is not what this server gave for this call: begin it anew")]
    StateRefused,
    /// No such task of this person's, or no longer.
    #[error("unknown task: {}", repeated(.0))]
    TaskUnknown(String),
    /// No such tool for this person.
    #[error("unknown tool: {}", repeated(.0))]
    ToolUnknown(String),
    /// The version header of the legacy era names nothing we speak.
    #[error("the header MCP-Protocol-Version names no revision this server speaks")]
    VersionHeaderUnknown,
    /// A revision that is not spoken here, where only the modern era is.
    #[error("unsupported protocol version: {}", repeated(.0))]
    VersionNotModern(String),
    /// A modern revision that is not spoken here.
    #[error("unsupported protocol version: {}", repeated(.0))]
    VersionUnsupported(String),
}

impl Refused {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NotJson(_) => ErrorCode::ParseError,
            Self::BatchEmpty
            | Self::BatchRemoved
            | Self::BatchTooLong(_)
            | Self::BothRequestAndResponse
            | Self::EnvelopeMalformed(_)
            | Self::IdMalformed
            | Self::InitializeInBatch
            | Self::MediaType
            | Self::MethodMissing
            | Self::NotAnObject
            | Self::NotJsonRpc2
            | Self::OriginNotAllowed
            | Self::ResponseUnexpected
            | Self::VersionHeaderUnknown => ErrorCode::InvalidRequest,
            Self::MethodUnknown(_) => ErrorCode::MethodNotFound,
            Self::ResourceNotFound(_) => ErrorCode::ResourceNotFound,
            Self::AnswersMalformed
            | Self::ArgumentMissing(_)
            | Self::ArgumentsMalformed
            | Self::CursorUnknown
            | Self::LevelUnknown
            | Self::LogLevelUnknown
            | Self::MetaMissing(_)
            | Self::ParamMissing(_)
            | Self::ParamsMalformed(_)
            | Self::PromptUnknown(_)
            | Self::ResourceUnknown(_)
            | Self::SessionNeeded
            | Self::StateRefused
            | Self::TaskUnknown(_)
            | Self::ToolUnknown(_) => ErrorCode::InvalidParams,
            Self::CapabilityMissing(_) => ErrorCode::MissingRequiredClientCapability,
            Self::HeaderMalformed(_)
            | Self::HeaderMismatch(_)
            | Self::HeaderMissing(_)
            | Self::ParamHeader { .. } => ErrorCode::HeaderMismatch,
            Self::VersionNotModern(_) | Self::VersionUnsupported(_) => {
                ErrorCode::UnsupportedProtocolVersion
            }
            Self::ClientRefused(_)
            | Self::ClientSilent { .. }
            | Self::Failed(_)
            | Self::ServerFailed { .. }
            | Self::ServerSlow { .. } => ErrorCode::InternalError,
        }
    }

    /// The status of the HTTP response that carries it.
    ///
    /// A refusal of the transport has a status of its own; a refusal of the application travels in
    /// 200, because clients read the body of nothing else.
    #[must_use]
    pub const fn status(&self, era: Era) -> StatusCode {
        match (self, era) {
            (
                Self::AnswersMalformed
                | Self::ArgumentMissing(_)
                | Self::ArgumentsMalformed
                | Self::ClientRefused(_)
                | Self::ClientSilent { .. }
                | Self::CursorUnknown
                | Self::Failed(_)
                | Self::LevelUnknown
                | Self::ParamMissing(_)
                | Self::PromptUnknown(_)
                | Self::ResourceNotFound(_)
                | Self::ResourceUnknown(_)
                | Self::ServerFailed { .. }
                | Self::ServerSlow { .. }
                | Self::SessionNeeded
                | Self::StateRefused
                | Self::TaskUnknown(_)
                | Self::ToolUnknown(_),
                Era::Legacy | Era::Modern,
            )
            | (Self::MethodUnknown(_), Era::Legacy) => StatusCode::OK,
            (Self::MediaType, Era::Legacy | Era::Modern) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            // 2025-11-25, Transports, Security Warning.
            (Self::OriginNotAllowed, Era::Legacy | Era::Modern) => StatusCode::FORBIDDEN,
            // 2026-07-28, Streamable HTTP: the body tells it from "no such URL".
            (Self::MethodUnknown(_), Era::Modern) => StatusCode::NOT_FOUND,
            (
                Self::BatchEmpty
                | Self::BatchRemoved
                | Self::BatchTooLong(_)
                | Self::BothRequestAndResponse
                | Self::CapabilityMissing(_)
                | Self::EnvelopeMalformed(_)
                | Self::HeaderMalformed(_)
                | Self::HeaderMismatch(_)
                | Self::HeaderMissing(_)
                | Self::IdMalformed
                | Self::InitializeInBatch
                | Self::LogLevelUnknown
                | Self::MetaMissing(_)
                | Self::MethodMissing
                | Self::NotAnObject
                | Self::NotJson(_)
                | Self::NotJsonRpc2
                | Self::ParamHeader { .. }
                | Self::ParamsMalformed(_)
                | Self::ResponseUnexpected
                | Self::VersionHeaderUnknown
                | Self::VersionNotModern(_)
                | Self::VersionUnsupported(_),
                Era::Legacy | Era::Modern,
            ) => StatusCode::BAD_REQUEST,
        }
    }

    /// The same reason in an era's own words (until 2025-11-25, Resources, Error Handling).
    #[must_use]
    pub fn in_era(self, era: Era) -> Self {
        match (self, era) {
            (Self::ResourceUnknown(uri), Era::Legacy) => Self::ResourceNotFound(uri),
            (refused, Era::Legacy | Era::Modern) => refused,
        }
    }

    /// What the error carries beside its message.
    #[must_use]
    pub fn data(&self) -> Option<Box<RawValue>> {
        #[derive(Serialize)]
        struct Versions<'a> {
            supported: &'a [Revision],
            requested: Cow<'a, str>,
        }
        let data = match self {
            Self::CapabilityMissing(capability) => {
                to_raw_value(&json!({ "requiredCapabilities": capability.listed() }))
            }
            Self::ResourceNotFound(uri) | Self::ResourceUnknown(uri) => {
                to_raw_value(&json!({ "uri": repeated(uri) }))
            }
            Self::VersionNotModern(requested) => to_raw_value(&Versions {
                supported: &[Revision::V2026_07_28],
                requested: repeated(requested),
            }),
            Self::VersionUnsupported(requested) => to_raw_value(&Versions {
                supported: &Revision::ADVERTISED,
                requested: repeated(requested),
            }),
            _ => return None,
        };
        data.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_repeated_up_to_the_length_that_names_have() {
        let name = "ä".repeat(REPEATED);
        assert_eq!(repeated(&name), name);
        for refused in [
            Refused::MethodUnknown(name.repeat(10_000)),
            Refused::PromptUnknown(name.repeat(10_000)),
            Refused::ResourceUnknown(name.repeat(10_000)),
            Refused::ToolUnknown(name.repeat(10_000)),
            Refused::VersionNotModern(name.repeat(10_000)),
            Refused::VersionUnsupported(name.repeat(10_000)),
        ] {
            let data = refused.data().map_or(0, |data| data.get().len());
            assert!(refused.to_string().len() + data < 1000);
            assert!(refused.to_string().ends_with(&format!("{name}…")));
        }
    }
}
