//! What a `.env` file remembers of its rotation, in comments: `# added KID TIME` and
//! `# promoted KID TIME`.
//!
//! *Invariant:* a comment of any other form is somebody's own: it is not read, and it stays.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jose::Kid;

/// The last thing that happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// It verifies, and nothing was ever made with it.
    Added(Timestamp),
    /// Everything is made with it since.
    Promoted(Timestamp),
}

/// What is remembered, by the names of keys.
#[derive(Debug, Default)]
pub(super) struct Records(BTreeMap<Kid, Record>);

impl Records {
    /// Reads the comments of a file.
    pub(super) fn read(text: &str) -> Self {
        Self(text.lines().filter_map(record).collect())
    }

    /// What is remembered of a key.
    pub(super) fn of(&self, kid: &Kid) -> Option<Record> {
        self.0.get(kid).copied()
    }

    /// Whether a key waits to be promoted.
    pub(super) fn waits(&self, kid: &Kid) -> bool {
        matches!(self.of(kid), Some(Record::Added(_)))
    }

    /// When a key was promoted.
    pub(super) fn promoted(&self, kid: &Kid) -> Option<Timestamp> {
        match self.of(kid)? {
            Record::Promoted(at) => Some(at),
            Record::Added(_) => None,
        }
    }

    /// Remembers this instead of what was remembered of the key.
    pub(super) fn set(&mut self, kid: Kid, record: Record) {
        self.0.insert(kid, record);
    }
}

/// Whether a line is one of these comments.
pub(super) fn is_record(line: &str) -> bool {
    record(line).is_some()
}

fn record(line: &str) -> Option<(Kid, Record)> {
    let mut words = line.strip_prefix("# ")?.split_whitespace();
    let (Some(event), Some(kid), Some(time), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return None;
    };
    let time = time.parse().ok()?;
    let record = match event {
        "added" => Record::Added(time),
        "promoted" => Record::Promoted(time),
        _ => return None,
    };
    Some((Kid::parse(kid)?, record))
}

/// The comment for a key.
pub(super) fn comment(kid: &Kid, record: Record) -> impl fmt::Display {
    let (event, time) = match record {
        Record::Added(time) => ("added", time),
        Record::Promoted(time) => ("promoted", time),
    };
    format!("# {event} {kid} {time}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_read_as_they_are_written() {
        let kid = Kid::parse("-a_b").unwrap();
        let time = Timestamp::from_second(1_800_000_000).unwrap();
        for kind in [Record::Added(time), Record::Promoted(time)] {
            let text = format!("A=1\n{}\nB=2\n", comment(&kid, kind));
            assert_eq!(Records::read(&text).of(&kid), Some(kind), "{text}");
        }
    }

    #[test]
    fn other_comments_are_nobodys_records() {
        for line in [
            "# added a key",
            "# added a 2027-01-15T08:00:00Z by me",
            "# removed a 2027-01-15T08:00:00Z",
            "#added a 2027-01-15T08:00:00Z",
            "added a 2027-01-15T08:00:00Z",
            "# promoted a yesterday",
            "# promoted a:b 2027-01-15T08:00:00Z",
        ] {
            assert!(!is_record(line), "{line}");
        }
    }
}
