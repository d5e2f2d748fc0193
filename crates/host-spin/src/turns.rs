//! What the requests of an instance use one after the other, in the order in which they asked.
//!
//! A waker made in Rust alone never reaches another request (decision 0004), so who waits does so
//! at the end of a stream: dropping the other end wakes them.
//!
//! *Invariant:* whoever has the turn passes it on when dropped, and who waits leaves the line when
//! dropped, so a request that goes away leaves nobody waiting.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bindings::wit_stream;
use wit_bindgen::{StreamReader, StreamWriter};

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package postern:turns@0.1.0;
            // Never called: it names the one type of stream whose both ends may be in one instance.
            interface signal { watch: func() -> stream; }
            world waiter { import signal; }
        ",
    });
}

/// Something that requests take turns at.
pub(crate) struct Turns<T>(Mutex<Line<T>>);

struct Line<T> {
    kept: Option<T>,
    tickets: u64,
    /// Whose turn it is.
    turn: Option<u64>,
    waiting: VecDeque<(u64, StreamWriter<()>)>,
}

/// The turn of one request, or its place in the line.
pub(crate) struct Turn<T: 'static> {
    turns: &'static Turns<T>,
    ticket: u64,
}

impl<T> Turns<T> {
    /// Nobody's turn, and nothing kept.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Line {
            kept: None,
            tickets: 0,
            turn: None,
            waiting: VecDeque::new(),
        }))
    }

    /// Waits for this request's turn, and hands over what the one before kept.
    pub(crate) async fn wait(&'static self) -> (Turn<T>, Option<T>) {
        let (turn, signal) = self.stand_in_line();
        if let Some(mut signal) = signal {
            // It ends without a unit.
            signal.next().await;
        }
        let kept = self.line().kept.take();
        (turn, kept)
    }

    fn stand_in_line(&'static self) -> (Turn<T>, Option<StreamReader<()>>) {
        let mut line = self.line();
        let ticket = line.tickets;
        line.tickets += 1;
        let turn = Turn {
            turns: self,
            ticket,
        };
        if line.turn.is_none() {
            line.turn = Some(ticket);
            return (turn, None);
        }
        let (writer, reader) = wit_stream::new();
        line.waiting.push_back((ticket, writer));
        (turn, Some(reader))
    }

    fn line(&self) -> MutexGuard<'_, Line<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Turn<T> {
    /// Keeps `what` for the next request, whose turn it is now.
    pub(crate) fn keep(self, what: T) {
        self.turns.line().kept = Some(what);
    }
}

impl<T> Drop for Turn<T> {
    fn drop(&mut self) {
        let mut line = self.turns.line();
        if line.turn == Some(self.ticket) {
            // Dropping the end of its stream wakes who is next.
            let next = line.waiting.pop_front();
            line.turn = next.as_ref().map(|(ticket, _)| *ticket);
        } else {
            line.waiting.retain(|(ticket, _)| *ticket != self.ticket);
        }
    }
}
