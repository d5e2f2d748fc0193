//! What a call says before its answer: progress and log lines.
//!
//! *Invariant:* only notifications that belong to this request are in it; a server's requests have
//! no place on a stream (2026-07-28, Streamable HTTP).

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Notification<'a> {
    jsonrpc: &'static str,
    method: &'a str,
    params: &'a Value,
}

/// Notifications in the order they were said. Whoever drives the call takes them out each time it
/// waits, so no more gather than one turn of it says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox(Rc<RefCell<Vec<Vec<u8>>>>);

impl Outbox {
    pub(crate) fn say(&self, method: &str, params: &Value) {
        self.0.borrow_mut().push(notification(method, params));
    }

    pub(crate) fn take(&self) -> Vec<Vec<u8>> {
        self.0.take()
    }
}

/// A notification as an event of a stream.
pub(crate) fn notification(method: &str, params: &Value) -> Vec<u8> {
    let notification = Notification {
        jsonrpc: "2.0",
        method,
        params,
    };
    // A value always has a text.
    let text = serde_json::to_string(&notification).unwrap_or_default();
    mcp::event_stream::event("message", &text)
}
