//! Server-sent events, as a client reads them, a piece at a time (HTML Living Standard, §9.2.6).
//!
//! *Invariant:* where the pieces of a stream begin and end changes nothing of what is read, and no
//! more is kept than one event of the size that was allowed.

use std::mem;

/// An event as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What kind; nothing where the stream does not say, which means `message`.
    pub name: String,
    /// What it says; perhaps nothing, where an event is there for its id alone.
    pub data: String,
}

/// One event is larger than was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is too large")]
pub struct TooLarge;

/// What has been read of a stream.
#[derive(Clone, Debug)]
pub struct Reader {
    limit: usize,
    line: Vec<u8>,
    event: Unfinished,
    /// A line feed that comes next belongs to the line that is over.
    after_return: bool,
    begun: bool,
}

#[derive(Clone, Debug, Default)]
struct Unfinished {
    name: String,
    data: Option<String>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Reader {
    /// A stream of which nothing has been read, and whose events have up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            event: Unfinished::default(),
            after_return: false,
            begun: false,
        }
    }

    /// The events that `piece` completes.
    pub fn read(&mut self, piece: &[u8]) -> Result<Vec<Event>, TooLarge> {
        let mut events = Vec::new();
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, following) = rest.split_at(end);
            let (mark, following) = following.split_at(1);
            // CR LF ends one line, wherever it is torn.
            let second_half = mem::take(&mut self.after_return) && end == 0 && mark == b"\n";
            if !second_half {
                self.keep(line)?;
                events.extend(self.end_of_line());
            }
            self.after_return = mark == b"\r";
            rest = following;
        }
        if !rest.is_empty() {
            self.after_return = false;
            self.keep(rest)?;
        }
        Ok(events)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), TooLarge> {
        let data = self.event.data.as_ref().map_or(0, String::len);
        if self.line.len() + bytes.len() + data > self.limit {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let line = mem::take(&mut self.line);
        let line = match mem::replace(&mut self.begun, true) {
            false => line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line),
            true => &line,
        };
        if line.is_empty() {
            let Unfinished { name, data } = mem::take(&mut self.event);
            return data.map(|data| Event { name, data });
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => match &mut self.event.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.event.data = Some(value.to_owned()),
            },
            // `id` and `retry` are for who would come back, and a line without a name is a comment.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_stream::{KEEP_ALIVE, event};
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 16;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = Reader::new(LIMIT);
        let events = pieces.iter().flat_map(|piece| reader.read(piece).unwrap());
        events.map(|event| (event.name, event.data)).collect()
    }

    #[test]
    fn events_are_read_as_the_living_standard_says() {
        for (stream, expected) in [
            ("data: a\n\n", vec![("", "a")]),
            ("data:a\r\n\r\n", vec![("", "a")]),
            ("data:  a\r\r", vec![("", " a")]),
            ("data\n\n", vec![("", "")]),
            ("data\ndata\n\n", vec![("", "\n")]),
            ("data: a\ndata: b\n\n", vec![("", "a\nb")]),
            (
                "event: x\ndata: a\n\ndata: b\n\n",
                vec![("x", "a"), ("", "b")],
            ),
            ("event: x\n\ndata: b\n\n", vec![("", "b")]),
            ("\u{feff}data: a\n\n", vec![("", "a")]),
            ("data: a\n\n\u{feff}data: b\n\n", vec![("", "a")]),
            (
                ": comment\nid: 7\nretry: 1\nother\ndata: a\n\n",
                vec![("", "a")],
            ),
            ("data: a: b\n\n", vec![("", "a: b")]),
            ("data: never ended\n", vec![]),
            ("\n\n\r\r", vec![]),
            ("", vec![]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(name, data)| (name.to_owned(), data.to_owned()))
                .collect();
            assert_eq!(read(&[stream.as_bytes()]), expected, "{stream:?}");
        }
        assert_eq!(read(&[KEEP_ALIVE]), []);
    }

    #[test]
    fn an_event_that_is_too_large_is_never_gathered() {
        let mut reader = Reader::new(16);
        assert_eq!(
            reader.read(b"data: 0123456789").map(|events| events.len()),
            Ok(0)
        );
        assert_eq!(reader.read(b"0"), Err(TooLarge));
        let mut reader = Reader::new(16);
        assert_eq!(
            reader.read(b"data: 01234567\n").map(|events| events.len()),
            Ok(0)
        );
        assert_eq!(reader.read(b"data: 0123\n"), Err(TooLarge));
        // What is over makes room for the next.
        let mut reader = Reader::new(16);
        for _ in 0..10 {
            let read = reader.read(b"data: 01234567\n\n");
            assert_eq!(read.map(|events| events.len()), Ok(1));
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_a_stream_is_torn(
            stream in "(data: ?[a:é]{0,3}|event: x|: c|\r|\n|\r\n|\u{feff}){0,20}",
            tears in proptest::collection::vec(0_usize..80, 0..12),
        ) {
            let bytes = stream.as_bytes();
            let mut tears: Vec<usize> = tears.into_iter().map(|at| at.min(bytes.len())).collect();
            tears.push(bytes.len());
            tears.sort_unstable();
            let mut from = 0;
            let pieces: Vec<&[u8]> = tears
                .into_iter()
                .map(|to| bytes.get(mem::replace(&mut from, to)..to).unwrap())
                .collect();
            prop_assert_eq!(read(&pieces), read(&[bytes]));
        }

        #[test]
        fn what_was_written_is_read(data in "[a:{}\"\\r\\n é]{0,40}", at in 0_usize..80) {
            let written = event("message", &data);
            let (first, second) = written.split_at(at.min(written.len()));
            let joined = data.replace("\r\n", "\n").replace('\r', "\n");
            prop_assert_eq!(read(&[first, second]), [("message".to_owned(), joined)]);
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
        ) {
            let mut reader = Reader::new(64);
            for piece in &pieces {
                let _ = reader.read(piece);
            }
        }
    }
}
