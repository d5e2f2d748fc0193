//! MCP messages.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use mcp::{Body, Message};
use serde_json::Value;

/// Another parser reads the same request from the same bytes, and it prints back to itself.
pub fn envelope(data: &[u8]) {
    match Body::parse(data) {
        Ok(Body::Single(message)) => {
            if let Ok(value) = serde_json::from_slice(data) {
                hold(&message, &value);
            }
        }
        Ok(Body::Batch(messages)) => {
            let values = serde_json::from_slice::<Vec<Value>>(data).unwrap_or_default();
            for (message, value) in messages.iter().zip(&values) {
                if let Ok(message) = message {
                    hold(message, value);
                }
            }
        }
        Err(_) => {}
    }
}

fn hold(message: &Message<'_>, value: &Value) {
    let method = value.get("method").and_then(Value::as_str);
    match message {
        Message::Request(request) => {
            assert_eq!(method, Some(&*request.method));
            let id = serde_json::from_str(request.id.as_json()).ok();
            assert_eq!(value.get("id"), id.as_ref());
            let printed = format!(
                r#"{{"jsonrpc":"2.0","id":{},"method":{}}}"#,
                request.id.as_json(),
                Value::from(&*request.method)
            );
            let Ok(Body::Single(Message::Request(again))) = Body::parse(printed.as_bytes()) else {
                unreachable!("{printed} is no request")
            };
            assert!(again.id == request.id && again.method == request.method);
        }
        Message::Notification(notification) => {
            assert_eq!(method, Some(&*notification.method));
            assert_eq!(value.get("id"), None);
        }
        Message::Response(_) => assert_eq!(value.get("method"), None),
    }
}
