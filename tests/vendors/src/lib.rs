//! Identity providers as their vendors run them: a real HTTPS server on loopback for each.
//!
//! *Invariant:* nothing here is part of the product, and nothing here is built from it: this is an
//! independent opinion of what vendors do, so that both sides cannot be wrong in the same way.
//!
//! The one library made for this in Rust, `oauth-mock`, plays one well-behaved provider over plain
//! HTTP: it has neither the vendors' shapes nor faults to inject, and brings second versions of
//! `rsa` and `sha2`. `ring` signs instead, since the product does not verify with it.
//!
//! ```no_run
//! use vendors::{Endpoint, Kind, Person, Quirk, Vendor};
//!
//! let vendor = Vendor::start(Kind::Clerk);
//! vendor.person(Person { roles: vec!["admin".to_owned()], ..Person::default() });
//! vendor.quirk_for(Quirk::WrongNonce, 1);
//! // … a sign-in with `vendor.variables()` …
//! assert_eq!(vendor.asked(Endpoint::Token), 1);
//! ```
#![expect(
    clippy::expect_used,
    reason = "a fake that cannot play its part has failed its test"
)]

mod answer;
mod assertion;
mod authorize;
mod client;
mod discovery;
mod endpoint;
mod fault;
mod id_token;
mod jwt;
mod keys;
mod kind;
mod person;
mod pkce;
mod quirk;
mod refusal;
mod routes;
mod seen;
mod server;
mod shape;
mod shapes;
mod state;
mod token;
mod userinfo;
mod vendor;
mod view;

pub use endpoint::Endpoint;
pub use jwt::Algorithm;
pub use kind::Kind;
pub use person::Person;
pub use quirk::{Fault, Quirk};
pub use seen::Seen;
pub use vendor::Vendor;
