//! The streams that an instance holds.
//!
//! *Invariant:* a lock is never held while something is awaited, and as long as a stream is held
//! exactly one loop polls for it.

use std::mem;
use std::sync::{Mutex, PoisonError};

use host::Address;
use mcp::event_stream;
use oauth::Timestamp;

/// One stream.
#[derive(Debug)]
pub(super) struct Stream<O> {
    pub(super) outlet: O,
    pub(super) address: Address,
    /// When it ends.
    pub(super) until: Timestamp,
    /// What is said then, unless it is over before.
    pub(super) last_words: Option<String>,
    /// How it is taken up again, where its reader may.
    pub(super) numbered: Option<Numbered>,
    /// Whether everything has been said.
    pub(super) over: bool,
    /// When something was last written.
    pub(super) written_at: Timestamp,
}

/// A stream whose events have ids.
#[derive(Debug)]
pub(super) struct Numbered {
    /// Who holds it, where it was taken up again: whoever held it before is not to be handed more.
    pub(super) holder: Option<String>,
    /// The number of the last event that was written.
    pub(super) written: u64,
    /// The number of the last event that is being written.
    pub(super) writing: u64,
}

/// Where requests leave their streams, and the loop finds them.
///
/// Requests of one instance cannot wake each other without a stream of the component model between
/// them, and need not: the loop looks whenever it asks for mail.
#[derive(Debug)]
pub(super) struct Held<O>(Mutex<Arrived<O>>);

#[derive(Debug)]
struct Arrived<O> {
    streams: Vec<Stream<O>>,
    polled: bool,
}

impl<O> Stream<O> {
    pub(super) const fn new(outlet: O, address: Address, until: Timestamp) -> Self {
        Self {
            outlet,
            address,
            until,
            last_words: None,
            numbered: None,
            over: false,
            written_at: Timestamp::from_millis(0),
        }
    }

    /// The id of its event with this number: it says of which stream it is.
    pub(super) fn event_id(&self, number: u64) -> String {
        format!("{}.{number}", self.address.session)
    }

    /// A message as its reader takes it.
    pub(super) fn event(&self, number: u64, message: &str) -> Vec<u8> {
        if self.numbered.is_some() {
            event_stream::identified(&self.event_id(number), message)
        } else {
            event_stream::event("message", message)
        }
    }
}

impl<O> Default for Held<O> {
    fn default() -> Self {
        Self(Mutex::new(Arrived {
            streams: Vec::new(),
            polled: false,
        }))
    }
}

impl<O> Held<O> {
    /// Leaves a stream here; whether nobody polls yet, so that the caller has to.
    pub(super) fn arrive(&self, stream: Stream<O>) -> bool {
        let mut arrived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.streams.push(stream);
        !mem::replace(&mut arrived.polled, true)
    }

    /// What has arrived.
    pub(super) fn take(&self) -> Vec<Stream<O>> {
        let mut arrived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut arrived.streams)
    }

    /// Whether nothing has arrived, so that who polls for nothing may stop.
    pub(super) fn rest(&self) -> bool {
        let mut arrived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.polled = !arrived.streams.is_empty();
        !arrived.polled
    }
}
