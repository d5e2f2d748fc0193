//! Notifications of a modern server's, as a legacy client reads them.
//!
//! *Invariant:* a client hears of nothing that its revision has no word for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::envelope::Notification;

type Members<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

#[derive(Serialize)]
struct Wire<'a> {
    jsonrpc: &'static str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Members<'a>>,
}

/// What both eras have, of a server's to its client.
const SHARED: [&str; 6] = [
    "notifications/message",
    "notifications/progress",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/resources/updated",
    "notifications/tools/list_changed",
];

/// Whose keys of `_meta` are the modern era's own.
const OF_THE_PROTOCOL: &str = "io.modelcontextprotocol/";

/// The same notification without what is modern in it; nothing where the legacy era has none such.
#[must_use]
pub fn to_legacy(notification: &Notification<'_>) -> Option<String> {
    let method = notification.method.as_ref();
    if !SHARED.contains(&method) {
        return None;
    }
    let mut params: Option<Members<'_>> = match notification.params.raw {
        Some(raw) => Some(serde_json::from_str(raw.get()).ok()?),
        None => None,
    };
    if let Some(params) = &mut params
        && let Some(meta) = params.remove("_meta")
    {
        let mut keys: Members<'_> = serde_json::from_str(meta.get()).ok()?;
        keys.retain(|key, _| !key.starts_with(OF_THE_PROTOCOL));
        if !keys.is_empty() {
            params.insert("_meta".into(), Cow::Owned(to_raw_value(&keys).ok()?));
        }
    }
    let wire = Wire {
        jsonrpc: "2.0",
        method,
        params,
    };
    serde_json::to_string(&wire).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Body, Message};
    use serde_json::{Value, json};

    #[test]
    fn a_notification_loses_what_is_modern_and_one_that_is_modern_is_lost() {
        for (method, params, expected) in [
            (
                "notifications/progress",
                json!({"progressToken": 7, "progress": 1}),
                Some(json!({"progressToken": 7, "progress": 1})),
            ),
            (
                "notifications/message",
                json!({"level": "info", "data": 1, "_meta": {
                    "io.modelcontextprotocol/subscriptionId": 1, "own": 2,
                }}),
                Some(json!({"level": "info", "data": 1, "_meta": {"own": 2}})),
            ),
            (
                "notifications/tools/list_changed",
                json!({"_meta": {"io.modelcontextprotocol/subscriptionId": 1}}),
                Some(json!({})),
            ),
            ("notifications/subscriptions/acknowledged", json!({}), None),
            ("notifications/progress", json!({"_meta": 7}), None),
        ] {
            let text = json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string();
            let Ok(Body::Single(Message::Notification(read))) = Body::parse(text.as_bytes()) else {
                panic!("no notification: {text}");
            };
            let written = to_legacy(&read);
            let written: Option<Value> =
                written.map(|written| serde_json::from_str(&written).unwrap());
            let expected = expected
                .map(|params| json!({"jsonrpc": "2.0", "method": method, "params": params}));
            assert_eq!(written, expected, "{text}");
        }
    }
}
