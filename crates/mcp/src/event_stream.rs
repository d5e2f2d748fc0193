//! Server-sent events, as a server writes them (HTML Living Standard, Server-sent events).
//!
//! *Invariant:* whatever the data, it is read back as one event: no line of it can begin another.

mod reader;

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};

pub use reader::{Event, Reader, TooLarge};

/// A line that readers skip; it shows a server whether somebody is still there.
pub const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// One event. `name` is one of ours: a word.
#[must_use]
pub fn event(name: &str, data: &str) -> Vec<u8> {
    written(format!("event: {name}\n"), data)
}

/// One message with an id by which its reader says where it broke off. The id is one of ours: a
/// line without blanks.
#[must_use]
pub fn identified(id: &str, data: &str) -> Vec<u8> {
    written(format!("id: {id}\nevent: message\n"), data)
}

/// What a stream begins with that can be taken up again: an id, and nothing said (2025-11-25,
/// Transports, Sending Messages to the Server). Whoever is cut off waits so long before it asks.
#[must_use]
pub fn priming(id: &str, wait: Duration) -> Vec<u8> {
    let wait = wait.as_millis();
    format!("id: {id}\nretry: {wait}\ndata: \n\n").into_bytes()
}

/// What is said before a stream is closed that its reader shall take up again so much later.
#[must_use]
pub fn retry(wait: Duration) -> Vec<u8> {
    format!("retry: {}\n\n", wait.as_millis()).into_bytes()
}

fn written(mut text: String, data: &str) -> Vec<u8> {
    // CR, LF and CRLF each end a line. A reader joins the lines with LF, which in JSON is as good
    // as the line end that was there: within a string neither can be (RFC 8259 §7).
    let data = data.replace("\r\n", "\n");
    for line in data.split(['\n', '\r']) {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.into_bytes()
}

/// The headers of a stream. Proxies that gather a body before they pass it on would gather for ever.
#[must_use]
pub fn headers() -> HeaderMap {
    let header = |name, value| (name, HeaderValue::from_static(value));
    HeaderMap::from_iter([
        header(header::CONTENT_TYPE, "text/event-stream"),
        header(header::CACHE_CONTROL, "no-store, no-transform"),
        header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        header(HeaderName::from_static("x-accel-buffering"), "no"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The events of a stream, as its reader dispatches them (§9.2.6).
    fn read(stream: &str) -> Vec<(String, String)> {
        let (mut events, mut name, mut data) = (Vec::new(), String::new(), Vec::new());
        for line in stream.replace("\r\n", "\n").split(['\n', '\r']) {
            match line.split_once(':') {
                None if line.is_empty() => {
                    if !data.is_empty() {
                        events.push((name.clone(), data.join("\n")));
                    }
                    (name, data) = (String::new(), Vec::new());
                }
                Some(("event", value)) => name = value.trim_start_matches(' ').to_owned(),
                Some(("data", value)) => {
                    data.push(value.strip_prefix(' ').unwrap_or(value).to_owned());
                }
                _ => {}
            }
        }
        events
    }

    #[test]
    fn an_event_has_this_very_form() {
        assert_eq!(
            event("endpoint", "/messages?sessionId=k.x"),
            b"event: endpoint\ndata: /messages?sessionId=k.x\n\n"
        );
        assert_eq!(
            event("message", "{\r\n}"),
            b"event: message\ndata: {\ndata: }\n\n"
        );
    }

    #[test]
    fn what_can_be_taken_up_again_has_an_id() {
        let second = Duration::from_secs(1);
        assert_eq!(priming("s.0", second), b"id: s.0\nretry: 1000\ndata: \n\n");
        assert_eq!(retry(second), b"retry: 1000\n\n");
        assert_eq!(
            identified("s.7", "{}"),
            b"id: s.7\nevent: message\ndata: {}\n\n"
        );
    }

    #[test]
    fn what_keeps_a_stream_alive_is_no_event() {
        assert_eq!(read(std::str::from_utf8(KEEP_ALIVE).unwrap()), []);
    }

    proptest! {
        #[test]
        fn any_data_is_read_back_as_one_event(data in "[a:{}\"\\r\\n é]{0,40}") {
            let written = String::from_utf8(event("message", &data)).unwrap();
            let joined = data.replace("\r\n", "\n").replace('\r', "\n");
            prop_assert_eq!(read(&written), [("message".to_owned(), joined)]);
        }
    }
}
