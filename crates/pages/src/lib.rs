//! The few pages that people see, and the headers they travel with.
//!
//! *Invariant:* a page is one answer: it loads nothing, runs nothing and is never framed, and what
//! a stranger wrote on it is only ever text.

mod accept;
mod consent;
mod headers;
pub mod home;
mod legible;
mod people;
mod refusal;

pub use consent::{Ask, Consent, Provider, consent};
pub use headers::{Forms, html_headers};
pub use people::{People, people};
pub use refusal::{Advice, Refusal, refusal};
