//! A toolset that opens a file. Spin composes it and denies the file; the runner refuses it.
//!
//! *Invariant:* it reports what it got, and nothing else.
#![cfg(target_family = "wasm")]

use bindings::exports::probe::toolset::tools::Guest;

mod bindings {
    #![expect(unsafe_code, reason = "the macro writes the exports of the component")]

    wit_bindgen::generate!({ world: "toolset", path: "../toolset/wit" });
    export!(Probe with_types_in self);
    use super::Probe;
}

const GREETING: &str = "/files/greeting.txt";

struct Probe;

impl Guest for Probe {
    async fn add(a: i64, b: i64) -> i64 {
        a.saturating_add(b)
    }

    fn count() -> u32 {
        0
    }

    fn trap() {}

    fn reach() -> Vec<(String, String)> {
        std::fs::read_to_string(GREETING)
            .map(|text| (GREETING.to_owned(), text))
            .into_iter()
            .collect()
    }
}
