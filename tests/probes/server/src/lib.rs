//! An MCP server behind the gateway, in revision 2026-07-28: it lists `echo`, and echoes.
//!
//! *Invariant:* it trusts whoever reaches it, so it is mounted in tests alone.
#![cfg(target_family = "wasm")]

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response};
use http_body_util::BodyExt as _;
use mcp::results::{Called, Implementation, ToolList};
use mcp::{Body, Era, Message, Refused, Tool, ToolEntry, ToolOutput};
use serde_json::value::RawValue;
use spin_sdk::http::{FullBody, Request};
use spin_sdk::http_service;

const SERVER: Implementation = Implementation {
    name: "probe-server",
    title: "Probe",
    version: env!("CARGO_PKG_VERSION"),
};

#[http_service]
async fn answer(request: Request) -> Response<FullBody<Bytes>> {
    let body = request.into_body().collect().await;
    let body = body
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let answer = match Body::parse(&body) {
        Ok(Body::Single(Message::Request(request))) => said(&request),
        Ok(_) => mcp::error(None, &Refused::ResponseUnexpected),
        Err(malformed) => mcp::error(malformed.id, &malformed.reason),
    };
    let length = answer.len();
    let mut response = Response::new(FullBody::new(Bytes::from(answer)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn said(request: &mcp::Request<'_>) -> Vec<u8> {
    match &*request.method {
        "tools/list" => {
            let tools: Vec<ToolEntry> = echo().into_iter().collect();
            mcp::result(
                request.id,
                &ToolList::new(Era::Modern, SERVER, tools.iter()),
            )
        }
        "tools/call" => {
            let arguments = request.params.arguments.map_or("{}", RawValue::get);
            let output = ToolOutput::text(arguments);
            mcp::result(request.id, &Called::new(Era::Modern, SERVER, &output))
        }
        other => mcp::error(Some(request.id), &Refused::MethodUnknown(other.to_owned())),
    }
}

fn echo() -> Option<ToolEntry> {
    let tool = Tool {
        name: "echo".to_owned(),
        title: None,
        description: Some("Gives its arguments back".to_owned()),
        input_schema: RawValue::from_string(r#"{"type":"object"}"#.to_owned()).ok()?,
        output_schema: None,
        annotations: None,
    };
    ToolEntry::of(&tool, "echo").ok()
}
