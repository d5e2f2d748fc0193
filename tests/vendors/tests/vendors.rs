//! The vendors, as a client meets them over HTTPS.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step that cannot be taken has failed its test"
)]

#[path = "vendors/journeys.rs"]
mod journeys;
#[path = "vendors/quirks.rs"]
mod quirks;
#[path = "vendors/shapes.rs"]
mod shapes;
#[path = "vendors/wire.rs"]
mod wire;
