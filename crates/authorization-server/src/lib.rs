//! The authorization server's flows: a module per endpoint.
//!
//! *Invariant:* flows do I/O through ports alone and decide nothing that `oauth` decides; what a
//! component holds is what its endpoint's `Settings` reads.

mod answer;
pub mod authorize;
pub mod callback;
pub mod client_documents;
mod clients;
mod cookies;
pub mod door;
mod form;
pub mod login;
pub mod metadata;
pub mod register;
mod settings;
pub mod token;

pub use settings::SettingsRefused;

/// The most that any endpoint here reads of a body.
pub const BODY_LIMIT: usize = 64 * 1024;
