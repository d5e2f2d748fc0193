//! A stream of server-sent events, as its client reads it.
//!
//! *Invariant:* waiting takes as long as it takes over HTTP; in memory it is what lets time pass.

use std::time::Duration;

use host_memory::{MemoryHost, MemoryInlet};
use serde_json::Value;

/// For so long a story waits for an event.
const PATIENCE: Duration = Duration::from_secs(15);
/// What passes in memory between two looks.
const STEP: Duration = Duration::from_millis(25);

/// An open stream.
pub struct Events {
    source: Source,
    unread: String,
    last_id: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What kind.
    pub name: String,
    /// What it says.
    pub data: String,
}

enum Source {
    Http(reqwest::Response),
    Memory(MemoryHost, MemoryInlet),
    Nothing,
}

/// What a look at the stream found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// An event.
    Event(Event),
    /// The end.
    End,
    /// Neither, for as long as was waited.
    Silence,
}

impl Events {
    /// Of an answer over HTTP.
    pub(crate) fn http(answer: reqwest::Response) -> Self {
        Self::of(Source::Http(answer))
    }

    /// Of an answer in memory, if its body is a stream.
    pub(crate) fn memory(host: MemoryHost, inlet: Option<MemoryInlet>) -> Self {
        Self::of(inlet.map_or(Source::Nothing, |inlet| Source::Memory(host, inlet)))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            unread: String::new(),
            last_id: String::new(),
        }
    }

    /// The next event.
    ///
    /// # Panics
    /// If none comes.
    pub async fn next(&mut self) -> Event {
        match self.look(PATIENCE).await {
            Look::Event(event) => event,
            nothing => panic!("{nothing:?} instead of an event"),
        }
    }

    /// The next message.
    ///
    /// # Panics
    /// If none comes, or something else does.
    pub async fn message(&mut self) -> Value {
        let event = self.next().await;
        assert_eq!(event.name, "message", "{event:?}");
        serde_json::from_str(&event.data).expect("a message is JSON")
    }

    /// The id of the last event that had one, whether or not it said anything.
    #[must_use]
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// What comes within this time.
    pub async fn look(&mut self, time: Duration) -> Look {
        let mut waited = Duration::ZERO;
        loop {
            if let Some(event) = self.unread_event() {
                return Look::Event(event);
            }
            let left = time.saturating_sub(waited);
            match &mut self.source {
                Source::Http(answer) => match tokio::time::timeout(left, answer.chunk()).await {
                    Ok(Ok(Some(chunk))) => self.unread.push_str(&String::from_utf8_lossy(&chunk)),
                    Ok(Ok(None) | Err(_)) => return Look::End,
                    Err(_) => return Look::Silence,
                },
                Source::Memory(host, inlet) => {
                    host.settle();
                    if let Some(chunk) = inlet.read() {
                        self.unread.push_str(&String::from_utf8_lossy(&chunk));
                    } else if inlet.has_ended() {
                        return Look::End;
                    } else if left.is_zero() {
                        return Look::Silence;
                    } else {
                        host.advance(STEP);
                        waited += STEP;
                    }
                }
                Source::Nothing => return Look::End,
            }
        }
    }

    /// The first event of what has been read; comments are none.
    fn unread_event(&mut self) -> Option<Event> {
        loop {
            let (block, rest) = self.unread.split_once("\n\n")?;
            let field = |name: &str| {
                let lines = block.lines();
                let values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                values.collect::<Vec<_>>().join("\n")
            };
            let event = Event {
                name: field("event"),
                data: field("data"),
            };
            let id = field("id");
            self.unread = rest.to_owned();
            if !id.is_empty() {
                self.last_id = id;
            }
            if !event.data.is_empty() {
                return Some(event);
            }
        }
    }
}
