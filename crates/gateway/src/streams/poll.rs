//! The loop that asks for mail, for all streams of an instance.
//!
//! *Invariant:* it never waits for one reader: while a write is under way its stream is not asked
//! for, and its mail waits where another write cannot reach it.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt as _};
use host::{Address, Clock, Gone, Mailbox, Outlet, Questions, Streams};
use mcp::event_stream;
use oauth::Timestamp;

use super::held::{Held, Stream};
use super::{AWAY, HOLDER};

/// Between two looks while somebody is at work: half of it is added to an answer.
const LIVELY: Duration = Duration::from_millis(50);
/// Between two looks when nobody is.
const IDLE: Duration = Duration::from_millis(500);
/// For this long after an answer the next question is likely.
const STIRRED: Duration = Duration::from_secs(10);
/// A reader that left shows when something is written; twice this, and it is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// A reader that takes nothing for so long is gone.
const STUCK: Duration = Duration::from_secs(30);
const SWEEP: Duration = Duration::from_mins(1);
/// One sweep removes so many rows.
const SWEPT: u32 = 200;

/// What the loop knows.
struct Shelf<O> {
    /// Streams that nothing is being written to.
    quiet: HashMap<Address, Stream<O>>,
    stirred_at: Timestamp,
    swept_at: Timestamp,
}

type Written<O> = (Stream<O>, Result<(), Gone>);

/// Polls until no stream is held.
pub(super) async fn poll<H>(host: &H, held: &Held<H::Outlet>)
where
    H: Clock + Mailbox + Questions + Streams,
{
    let now = host.now();
    let mut shelf = Shelf {
        quiet: HashMap::new(),
        stirred_at: now,
        swept_at: now,
    };
    let mut writes = FuturesUnordered::new();
    loop {
        shelf.admit(held.take(), host.now());
        if shelf.quiet.is_empty() && writes.is_empty() && held.rest() {
            return;
        }
        let mut written = Vec::new();
        let mut pause = pin!(host.sleep(shelf.pause(host.now())));
        poll_fn(|context| {
            while let Poll::Ready(Some(one)) = writes.poll_next_unpin(context) {
                written.push(one);
            }
            pause.as_mut().poll(context)
        })
        .await;
        shelf.take_back(host, written).await;
        // One that was taken up again here takes the place of the one that broke off.
        shelf.admit(held.take(), host.now());
        for (stream, bytes) in shelf.due(host).await {
            writes.push(Box::pin(write(host, stream, bytes)));
        }
        shelf.sweep(host).await;
    }
}

/// Writes to one stream, for as long as that may take.
async fn write<H: Streams>(
    host: &H,
    mut stream: Stream<H::Outlet>,
    bytes: Bytes,
) -> Written<H::Outlet> {
    let wrote = {
        let wrote = pin!(stream.outlet.write(bytes));
        let patience = pin!(host.sleep(STUCK));
        match select(wrote, patience).await {
            Either::Left((wrote, _)) => wrote,
            Either::Right(_) => Err(Gone),
        }
    };
    (stream, wrote)
}

impl<O: Outlet> Shelf<O> {
    fn admit(&mut self, arrived: Vec<Stream<O>>, now: Timestamp) {
        for mut stream in arrived {
            stream.written_at = now;
            self.stirred_at = now;
            self.quiet.insert(stream.address.clone(), stream);
        }
    }

    fn pause(&self, now: Timestamp) -> Duration {
        if now.since(self.stirred_at) < STIRRED {
            LIVELY
        } else {
            IDLE
        }
    }

    /// Streams whose write is over: they are quiet again, or their session ends with them.
    async fn take_back<H: Clock + Mailbox>(&mut self, host: &H, written: Vec<Written<O>>) {
        for (mut stream, wrote) in written {
            let now = host.now();
            if wrote.is_ok() && !stream.over {
                stream.written_at = now;
                if let Some(numbered) = &mut stream.numbered {
                    numbered.written = numbered.writing;
                }
                // Unless it was taken up again meanwhile.
                let place = self.quiet.entry(stream.address.clone());
                place.or_insert(stream);
            } else if let Some(numbered) = &stream.numbered {
                if wrote.is_err() {
                    // Whoever takes it up is told what could not be written. Where that fails, its
                    // reader's `Last-Event-ID` says the same.
                    _ = host.take_up(&stream.address, numbered.written, now).await;
                }
            } else if wrote.is_err() || stream.until <= now {
                // Nobody comes back for the rest. Where that fails, it still ends by its time.
                _ = host
                    .end(&stream.address, stream.until.max(now.plus(SWEEP)))
                    .await;
            }
        }
    }

    /// What is to be written now, and to which streams.
    async fn due<H: Clock + Mailbox + Questions>(&mut self, host: &H) -> Vec<(Stream<O>, Bytes)> {
        let mut due = self.mail(host).await;
        let now = host.now();
        due.extend(self.late(now));
        let silent = |_: &Address, stream: &mut Stream<O>| {
            // A clock that stepped back is no reason to be silent.
            now < stream.written_at || now.since(stream.written_at) >= KEEP_ALIVE
        };
        let keep_alive = Bytes::from_static(event_stream::KEEP_ALIVE);
        let silent = self.quiet.extract_if(silent);
        due.extend(silent.map(|(_, stream)| (stream, keep_alive.clone())));
        due
    }

    /// Streams that have been held for as long as they may be. Some have something to say then.
    fn late(&mut self, now: Timestamp) -> Vec<(Stream<O>, Bytes)> {
        let late = self.quiet.extract_if(|_, stream| stream.until <= now);
        let speaking = late.filter_map(|(_, mut stream)| {
            stream.over = true;
            let words = match stream.last_words.take() {
                Some(words) => event_stream::event("message", &words),
                None if stream.numbered.is_some() => event_stream::retry(AWAY),
                None => return None,
            };
            Some((stream, words.into()))
        });
        speaking.collect()
    }

    /// The mail that waits for streams that take any.
    async fn mail<H: Clock + Mailbox + Questions>(&mut self, host: &H) -> Vec<(Stream<O>, Bytes)> {
        let mut waiting = host.waiting(host.now()).await.unwrap_or_default();
        waiting.retain(|address| self.quiet.contains_key(address));
        if waiting.is_empty() {
            return Vec::new();
        }
        self.stirred_at = host.now();
        self.give_up(host, &mut waiting).await;
        let collected = host.collect(&waiting, host.now()).await;
        let mut events: HashMap<Address, Vec<u8>> = HashMap::new();
        for mail in collected.unwrap_or_default() {
            if let Some(stream) = self.quiet.get_mut(&mail.to) {
                stream.over |= mail.last;
                if let Some(numbered) = &mut stream.numbered {
                    numbered.writing = mail.number;
                }
                let event = stream.event(mail.number, &mail.message);
                events.entry(mail.to).or_default().extend(event);
            }
        }
        let streams = events.into_iter();
        streams
            .filter_map(|(address, events)| Some((self.quiet.remove(&address)?, events.into())))
            .collect()
    }

    /// Lets go of streams that another instance has taken up again.
    async fn give_up<H: Questions>(&mut self, host: &H, waiting: &mut Vec<Address>) {
        let numbered = waiting.extract_if(.., |address| {
            let stream = self.quiet.get(address);
            stream.is_some_and(|stream| stream.numbered.is_some())
        });
        let numbered: Vec<Address> = numbered.collect();
        for address in numbered {
            let Ok(noted) = host.noted(&address).await else {
                // It can be asked at the next look.
                continue;
            };
            let holder = noted.into_iter().find(|(name, _)| name == HOLDER);
            let holder = holder.map(|(_, holder)| holder);
            let stream = self.quiet.get(&address);
            let held = stream.and_then(|stream| stream.numbered.as_ref());
            if held.is_some_and(|held| held.holder == holder) {
                waiting.push(address);
            } else {
                self.quiet.remove(&address);
            }
        }
    }

    async fn sweep<H: Clock + Mailbox>(&mut self, host: &H) {
        let now = host.now();
        if now.since(self.swept_at) >= SWEEP {
            self.swept_at = now;
            // What is left lies there until the next time.
            _ = host.sweep_mail(now, SWEPT).await;
        }
    }
}
