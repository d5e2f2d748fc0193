//! A composed dependency: it adds, and tries what a dependency without grants must not get.
//!
//! *Invariant:* it decides nothing; what it may do is the host's answer.
#![cfg(target_family = "wasm")]

use std::sync::atomic::{AtomicU32, Ordering};

use bindings::exports::probe::toolset::tools::Guest;

mod bindings {
    #![expect(unsafe_code, reason = "the macro writes the exports of the component")]

    wit_bindgen::generate!({ world: "toolset", path: "wit" });
    export!(Probe with_types_in self);
    use super::Probe;
}

struct Probe;

static CALLS: AtomicU32 = AtomicU32::new(0);

impl Guest for Probe {
    async fn add(a: i64, b: i64) -> i64 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        a.saturating_add(b)
    }

    fn count() -> u32 {
        CALLS.load(Ordering::Relaxed)
    }

    #[expect(clippy::panic, reason = "the trap is the behaviour under test")]
    fn trap() {
        panic!("a tool failed");
    }

    fn reach() -> Vec<(String, String)> {
        std::env::vars().collect()
    }
}
