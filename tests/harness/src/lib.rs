//! What end-to-end tests stand on: hosts to drive, a browser, a client, and a world of both.
//!
//! *Invariant:* nothing here is part of the product.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a step of a story that cannot be taken has failed its test"
)]

pub mod browser;
pub mod certificate;
pub mod client;
pub mod confidential;
pub mod events;
pub mod host;
mod memory;
pub mod product;
pub mod publisher;
pub mod registered;
mod routes;
mod tools;
mod web;
mod world;

pub use ::host::FetchFailed;
pub use memory::MemoryWeb;
pub use web::{HttpWeb, Streaming, Web};
pub use world::World;
