//! What requests of one instance share: memory, time and fate.
//!
//! *Invariant:* statics hold counters and wakers, never anything of a request.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use serde_json::json;
use spin_sdk::{http::Request, time::sleep};

use crate::{
    answer::{self, Answer, number},
    wake::{self, Waker},
};

/// Random per instance, so that a test can tell one from the next.
static INSTANCE: LazyLock<String> =
    LazyLock::new(|| format!("{:016x}", RandomState::new().build_hasher().finish()));
static SERVED: AtomicU32 = AtomicU32::new(0);
static IN_FLIGHT: AtomicU32 = AtomicU32::new(0);
static WAITING: Mutex<Vec<Waker>> = Mutex::new(Vec::new());

fn served() -> u32 {
    SERVED.fetch_add(1, Ordering::Relaxed).saturating_add(1)
}

/// How many requests this instance has counted.
pub(crate) fn count() -> Answer {
    answer::json(&json!({ "instance": *INSTANCE, "served": served() }))
}

/// How many requests this instance has in flight when half of this one's time is over.
pub(crate) async fn together(request: &Request) -> Answer {
    let half = Duration::from_millis(number(request, "ms", 200) / 2);
    IN_FLIGHT.fetch_add(1, Ordering::Relaxed);
    sleep(half).await;
    let seen = IN_FLIGHT.load(Ordering::Relaxed);
    sleep(half).await;
    IN_FLIGHT.fetch_sub(1, Ordering::Relaxed);
    answer::json(&json!({ "instance": *INSTANCE, "in_flight": seen }))
}

/// Answers when another request of this instance says so.
pub(crate) async fn wait() -> Answer {
    let (waker, signal) = wake::pair();
    WAITING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(waker);
    if signal.woken().await {
        answer::text(StatusCode::OK, "woken")
    } else {
        answer::text(StatusCode::GONE, "forgotten")
    }
}

/// Wakes everybody who waits in this instance, and says how many.
pub(crate) async fn wake() -> Answer {
    let waiting = std::mem::take(&mut *WAITING.lock().unwrap_or_else(PoisonError::into_inner));
    let mut woken = 0;
    for waker in waiting {
        woken += u32::from(waker.wake().await);
    }
    answer::text(StatusCode::OK, woken.to_string())
}

/// Panics, but only where somebody waits in the same instance.
#[expect(clippy::panic, reason = "the panic is the behaviour under test")]
pub(crate) fn panic_beside() -> Answer {
    let neighbours = WAITING.lock().unwrap_or_else(PoisonError::into_inner).len();
    if neighbours > 0 {
        panic!("a request failed beside {neighbours} others");
    }
    answer::text(StatusCode::OK, "nobody waits here")
}

/// Takes and touches as much memory as asked.
pub(crate) fn hog(request: &Request) -> Answer {
    let bytes = usize::try_from(number(request, "mib", 1))
        .unwrap_or(usize::MAX)
        .saturating_mul(1 << 20);
    let memory = std::hint::black_box(vec![1_u8; bytes]);
    answer::text(StatusCode::OK, memory.len().to_string())
}

/// Answers after a while.
pub(crate) async fn slow(request: &Request) -> Answer {
    sleep(Duration::from_millis(number(request, "ms", 1000))).await;
    answer::text(StatusCode::OK, "late")
}
