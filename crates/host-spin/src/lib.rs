//! The ports on Spin, and the door through which requests come in.
//!
//! *Invariant:* what is kept between requests of an instance is configuration or a bounded cache,
//! never a request's data; and no query result is left undrained, since that locks the database.
#![cfg(target_family = "wasm")]

mod audit;
mod cache;
mod chain;
mod chance;
mod clock;
mod configuration;
mod database;
mod fetch;
mod grants;
mod mailbox;
mod marks;
mod once;
mod questions;
mod replays;
mod rows;
mod schema;
mod serve;
mod servers;
mod sessions;
mod store;
mod streams;
mod tasks;
mod toolset;
mod turns;
mod variables;
mod vault;

pub use once::Once;
pub use serve::{Door, Served, Unread, serve};
pub use servers::{Passed, Pieces, serve_or_forward};
pub use streams::{BodyReader, BodyWriter, serve_stream};

/// This instance's host. It holds nothing: Spin's interfaces are functions.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpinHost;
