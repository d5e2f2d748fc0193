//! Streams between two ends of one thread, and work that goes on when time does.
//!
//! *Invariant:* nothing moves by itself: whoever reads, or lets time pass, runs what is due.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use host::{Clock as _, Gone, Outlet, Streams};

use crate::MemoryHost;

/// So much waits for a reader before its writer does.
const CAPACITY: usize = 8;

/// What goes on after its request.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Debug, Default)]
struct Pipe {
    chunks: VecDeque<Bytes>,
    writer: Option<Waker>,
    reader: Option<Waker>,
    unread: bool,
    ended: bool,
}

/// The end that is written.
#[derive(Debug)]
pub struct MemoryOutlet(Rc<RefCell<Pipe>>);

/// The end that is read.
#[derive(Debug)]
pub struct MemoryInlet(Rc<RefCell<Pipe>>);

impl Outlet for MemoryOutlet {
    async fn write(&mut self, bytes: Bytes) -> Result<(), Gone> {
        poll_fn(|context| {
            let mut pipe = self.0.borrow_mut();
            if pipe.unread {
                return Poll::Ready(Err(Gone));
            }
            if pipe.chunks.len() >= CAPACITY {
                pipe.writer = Some(context.waker().clone());
                return Poll::Pending;
            }
            pipe.chunks.push_back(bytes.clone());
            pipe.wake_reader();
            Poll::Ready(Ok(()))
        })
        .await
    }
}

impl Drop for MemoryOutlet {
    fn drop(&mut self) {
        let mut pipe = self.0.borrow_mut();
        pipe.ended = true;
        pipe.wake_reader();
    }
}

impl MemoryInlet {
    /// What was written next, if anything was.
    #[must_use]
    pub fn read(&self) -> Option<Bytes> {
        let mut pipe = self.0.borrow_mut();
        let chunk = pipe.chunks.pop_front();
        pipe.wake();
        chunk
    }

    /// What is written next, once it is; nothing when there will be no more.
    pub(crate) async fn next(&self) -> Option<Bytes> {
        poll_fn(|context| {
            if let Some(chunk) = self.read() {
                return Poll::Ready(Some(chunk));
            }
            let mut pipe = self.0.borrow_mut();
            if pipe.ended {
                return Poll::Ready(None);
            }
            pipe.reader = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Whether everything has been read, and nothing more will come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let pipe = self.0.borrow();
        pipe.ended && pipe.chunks.is_empty()
    }
}

impl Drop for MemoryInlet {
    fn drop(&mut self) {
        let mut pipe = self.0.borrow_mut();
        pipe.unread = true;
        pipe.wake();
    }
}

impl Pipe {
    fn wake(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }

    fn wake_reader(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl MemoryHost {
    /// Runs all work that has been left behind, as far as it goes without time passing.
    pub fn settle(&self) {
        // Work wakes other work by what it leaves in shared places, so each has a few turns.
        for _ in 0..4 {
            let works = mem::take(&mut *self.state.works.borrow_mut());
            let mut context = Context::from_waker(Waker::noop());
            let unfinished = works.into_iter().filter_map(|mut work| {
                work.as_mut()
                    .poll(&mut context)
                    .is_pending()
                    .then_some(work)
            });
            let unfinished: Vec<Work> = unfinished.collect();
            self.state.works.borrow_mut().extend(unfinished);
        }
    }

    /// Loses all work that has been left behind, as the death of an instance does.
    pub fn forget_work(&self) {
        self.state.works.borrow_mut().clear();
    }

    /// How much work goes on.
    #[must_use]
    pub fn work_count(&self) -> usize {
        self.state.works.borrow().len()
    }

    pub(crate) fn wake_sleepers(&self) {
        let mut sleepers = self.state.sleepers.borrow_mut();
        sleepers.drain(..).for_each(Waker::wake);
    }
}

impl Streams for MemoryHost {
    type Outlet = MemoryOutlet;
    type Inlet = MemoryInlet;

    fn stream(&self) -> (MemoryOutlet, MemoryInlet) {
        let pipe = Rc::<RefCell<Pipe>>::default();
        (MemoryOutlet(Rc::clone(&pipe)), MemoryInlet(pipe))
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        self.state.works.borrow_mut().push(Box::pin(work));
    }

    async fn sleep(&self, time: Duration) {
        let until = self.now().plus(time);
        poll_fn(|context| {
            if until <= self.now() {
                return Poll::Ready(());
            }
            let mut sleepers = self.state.sleepers.borrow_mut();
            sleepers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
