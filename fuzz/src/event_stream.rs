//! Event streams, as we write them, as we read them, and as a browser does (HTML Living Standard, Server-sent
//! events).
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::mem;

use mcp::event_stream::{self, Event, Reader, TooLarge};

/// More than any input has.
const ALL: usize = 1 << 24;
/// Less than some have.
const LITTLE: usize = 48;

/// A reader that is fed byte by byte, as the standard describes one.
#[derive(Default)]
struct Browser {
    line: Vec<u8>,
    begun: bool,
    after_return: bool,
    event: Event,
    events: Vec<Event>,
}

impl Browser {
    fn feed(&mut self, byte: u8) {
        match byte {
            b'\n' if mem::take(&mut self.after_return) => {}
            b'\n' | b'\r' => {
                self.after_return = byte == b'\r';
                let line = mem::take(&mut self.line);
                let line = String::from_utf8_lossy(&line);
                let first = !mem::replace(&mut self.begun, true);
                let line = line
                    .strip_prefix('\u{feff}')
                    .filter(|_| first)
                    .unwrap_or(&line);
                self.process(line);
            }
            byte => {
                self.after_return = false;
                self.line.push(byte);
            }
        }
    }

    fn process(&mut self, line: &str) {
        if line.is_empty() {
            let Event { name, data } = mem::take(&mut self.event);
            if let Some(data) = data.strip_suffix('\n') {
                let data = data.to_owned();
                self.events.push(Event { name, data });
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                self.event.data.push_str(value);
                self.event.data.push('\n');
            }
            _ => {}
        }
    }
}

fn by_browser(stream: &[u8]) -> Vec<Event> {
    let mut browser = Browser::default();
    stream.iter().for_each(|byte| browser.feed(*byte));
    browser.events
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>, limit: usize) -> Result<Vec<Event>, TooLarge> {
    let mut reader = Reader::new(limit);
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(reader.read(piece)?);
    }
    Ok(events)
}

/// Any stream is read as a browser reads it, however it is torn, and no event is larger than was
/// allowed. Whatever is written is read back as one event under its name, between two others; only
/// which kind of line end it had is lost.
pub fn event_stream(data: &[u8]) {
    let (tear, stream) = data.split_first().unwrap_or((&0, &[]));
    let size = 1 + usize::from(*tear) % 16;
    let expected = by_browser(stream);
    assert_eq!(read(stream.chunks(size), ALL).as_ref(), Ok(&expected));
    assert_eq!(read([stream].into_iter(), ALL), Ok(expected));
    let little = read(stream.chunks(size), LITTLE);
    assert_eq!(little.is_err(), read([stream].into_iter(), LITTLE).is_err());
    let events = little.into_iter().flatten();
    assert!(
        events
            .map(|event| event.data.len())
            .all(|length| length <= LITTLE)
    );

    let text = String::from_utf8_lossy(data);
    let mut written = event_stream::event("message", "before");
    written.extend(event_stream::event("message", &text));
    written.extend_from_slice(event_stream::KEEP_ALIVE);
    written.extend(event_stream::event("endpoint", "after"));
    let joined = text.replace("\r\n", "\n").replace('\r', "\n");
    let event = |name: &str, data: &str| Event {
        name: name.to_owned(),
        data: data.to_owned(),
    };
    let expected = vec![
        event("message", "before"),
        event("message", &joined),
        event("endpoint", "after"),
    ];
    assert_eq!(by_browser(&written), expected);
    assert_eq!(read(written.chunks(size), ALL), Ok(expected));
}
