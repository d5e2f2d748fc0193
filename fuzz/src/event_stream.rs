//! Event streams, as we write them and as a browser reads them (HTML Living Standard, Server-sent
//! events).
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::mem;

use mcp::event_stream;

/// A reader that is fed byte by byte, as the standard describes one.
#[derive(Default)]
struct Reader {
    line: Vec<u8>,
    after_return: bool,
    name: String,
    data: String,
    events: Vec<(String, String)>,
}

impl Reader {
    fn feed(&mut self, byte: u8) {
        match byte {
            b'\n' if mem::take(&mut self.after_return) => {}
            b'\n' | b'\r' => {
                self.after_return = byte == b'\r';
                let line = mem::take(&mut self.line);
                self.process(&String::from_utf8_lossy(&line));
            }
            byte => {
                self.after_return = false;
                self.line.push(byte);
            }
        }
    }

    fn process(&mut self, line: &str) {
        if line.is_empty() {
            let (name, data) = (mem::take(&mut self.name), mem::take(&mut self.data));
            if let Some(data) = data.strip_suffix('\n') {
                self.events.push((name, data.to_owned()));
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            _ => {}
        }
    }
}

/// Whatever the data, it is read back as one event under its name, between two others; only which
/// kind of line end it had is lost.
pub fn event_stream(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut written = event_stream::event("message", "before");
    written.extend(event_stream::event("message", &text));
    written.extend_from_slice(event_stream::KEEP_ALIVE);
    written.extend(event_stream::event("endpoint", "after"));
    let mut reader = Reader::default();
    for byte in written {
        reader.feed(byte);
    }
    let joined = text.replace("\r\n", "\n").replace('\r', "\n");
    let expected = [
        ("message", "before"),
        ("message", &joined),
        ("endpoint", "after"),
    ];
    let found = reader.events.iter();
    let found: Vec<(&str, &str)> = found
        .map(|(name, data)| (name.as_str(), data.as_str()))
        .collect();
    assert_eq!(found, expected);
}
