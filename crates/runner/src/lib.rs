//! Serves a `spin.toml` on wasmtime where Spin is not installed.
//!
//! *Invariant:* nothing works here that does not work on Spin 4.1; what the manifest says and
//! this host does not know is refused by name.

mod allowed_hosts;
mod assets;
mod bindings;
mod blocked_networks;
mod client;
mod client_tls;
mod compose;
mod dispatch;
mod engine;
mod guest;
mod headers;
mod instances;
mod interfaces;
mod key_value;
mod lane;
mod load;
mod logs;
mod manifest;
mod outbound;
mod refusal;
mod routes;
mod runtime_config;
mod server;
mod sqlite;
mod template;
mod variables;

pub use load::{Application, Settings};
pub use refusal::{LoadRefused, ServeFailed};
