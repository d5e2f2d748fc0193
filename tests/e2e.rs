//! End to end: real processes, real sockets, the components as they are deployed.
//!
//! *Invariant:* the same tests run on `postern up` and, with `POSTERN_SPIN=<spin binary>`, on Spin.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what several tests share fails as a test does"
)]

mod attacks;
mod browser;
mod clients;
mod conformance;
mod contract;
mod flows;

/// The binary that Cargo built for these tests.
const POSTERN: &str = env!("CARGO_BIN_EXE_postern");
