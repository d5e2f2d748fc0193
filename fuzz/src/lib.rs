//! Laws of our parsers: functions of arbitrary bytes that end in silence or in a panic.
//!
//! `cargo fuzz` runs them on what it finds by coverage, `cargo test` on the seeds, which are what
//! real clients send, and on what random edits make of those.
//!
//! *Invariant:* a law says more than that nothing panics, and nothing here is part of the product.
#![expect(
    clippy::expect_used,
    reason = "what holds before a law is asked is no concern of the law"
)]

mod authorize;
mod client_document;
mod clients;
mod configuration;
mod consent;
mod cookies;
mod envelope;
mod event_stream;
mod foreign;
mod handle;
mod headers;
mod jwt;
mod parameters;
mod provider;
mod redirect_uri;
mod registration;
mod request_state;
mod seal;
mod session;
#[cfg(test)]
mod tests;

pub use authorize::authorize;
pub use client_document::client_document;
pub use configuration::configuration;
pub use consent::consent;
pub use cookies::cookies;
pub use envelope::envelope;
pub use event_stream::event_stream;
pub use foreign::foreign;
pub use handle::handle;
pub use headers::headers;
pub use jwt::jwt;
pub use parameters::parameters;
pub use provider::provider;
pub use redirect_uri::redirect_uri;
pub use registration::registration;
pub use request_state::request_state;
pub use seal::seal;
pub use session::session;

#[cfg(fuzzing)]
pub use libfuzzer_sys;

/// The `main` of a target: libFuzzer's, or one that runs the law on files.
#[cfg(fuzzing)]
#[macro_export]
macro_rules! target {
    ($law:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$law(data));
    };
}

/// The `main` of a target: libFuzzer's, or one that runs the law on files.
#[cfg(not(fuzzing))]
#[macro_export]
macro_rules! target {
    ($law:ident) => {
        fn main() -> std::io::Result<()> {
            for path in std::env::args_os().skip(1) {
                $crate::$law(&std::fs::read(path)?);
            }
            Ok(())
        }
    };
}
