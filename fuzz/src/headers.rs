//! The headers of an MCP request, beside the body that they repeat.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use http::{HeaderMap, HeaderName, HeaderValue};
use mcp::{Body, Era, McpHeaders, Message, rules};
use serde_json::Value;

const NAMES: [HeaderName; 3] = [
    HeaderName::from_static("mcp-protocol-version"),
    HeaderName::from_static("mcp-method"),
    HeaderName::from_static("mcp-name"),
];

/// The first three lines are the headers, and the rest is the body: whatever is admitted as a
/// modern request says in its headers what it says in its body.
pub fn headers(data: &[u8]) {
    let mut parts = data.splitn(NAMES.len() + 1, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for (name, value) in NAMES.into_iter().zip(parts.by_ref()) {
        if !value.is_empty()
            && let Ok(value) = HeaderValue::from_bytes(value)
        {
            headers.insert(name, value);
        }
    }
    let body = parts.next().unwrap_or_default();
    let Ok(Body::Single(Message::Request(request))) = Body::parse(body) else {
        return;
    };
    let read = McpHeaders::read(&headers);
    let Ok(admitted) = rules::admit(read, &request) else {
        return;
    };
    let era = rules::era(&read, &request.method, &request.params);
    assert_eq!(admitted.revision.era(), era);
    if era == Era::Legacy {
        return;
    }
    let body: Value = serde_json::from_slice(body).expect("what was read is JSON");
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let said = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let version = said("/params/_meta/io.modelcontextprotocol~1protocolVersion");
    assert_eq!(header("mcp-protocol-version").map(str::trim), version);
    assert_eq!(version, Some("2026-07-28"));
    assert_eq!(header("mcp-method").map(str::trim), said("/method"));
    if said("/method") == Some("tools/call")
        && let Some(name) = said("/params/name")
    {
        let header = header("mcp-name").expect("a call names its tool").trim();
        // Its Base64 is held by the tests of `mcp`.
        assert!(
            header == name || header.starts_with("=?base64?"),
            "{header} is not {name}"
        );
    }
}
