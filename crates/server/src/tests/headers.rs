//! Headers that mirror arguments, on a whole call.

use http::HeaderValue;
use serde_json::{Value, json};

use super::world::{TOOLS, World, request};

#[test]
fn a_mirrored_argument_is_in_its_header_or_the_call_is_refused() {
    let world = World::new(TOOLS);
    for (arguments, header, expected) in [
        (json!({"a": 1}), None, (200, Value::Null)),
        (
            json!({"a": 1, "b": "Hello"}),
            Some("Hello"),
            (200, Value::Null),
        ),
        (
            json!({"a": 1, "b": "Hello"}),
            Some("=?base64?SGVsbG8=?="),
            (200, Value::Null),
        ),
        (json!({"a": 1, "b": "Hello"}), None, (400, json!(-32020))),
        (
            json!({"a": 1, "b": "Hello"}),
            Some("hello"),
            (400, json!(-32020)),
        ),
        (json!({"a": 1}), Some("Hello"), (400, json!(-32020))),
    ] {
        let mut request = request(
            "tools/call",
            &json!({"name": "strict", "arguments": arguments}),
        );
        if let Some(header) = header {
            let value = HeaderValue::from_static(header);
            request.headers_mut().insert("mcp-param-bee", value);
        }
        let response = world.response(request);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let found = (response.status().as_u16(), body["error"]["code"].clone());
        assert_eq!(found, expected, "{arguments} {header:?}: {body}");
    }
}
