//! OAuth 2.1 for MCP: its nouns as types and its rules as functions.
//!
//! *Invariant:* no I/O, no clock, no randomness: time and random bytes are arguments, and what a
//! rule has established is a value that only that rule can make.

pub mod access_token;
pub mod authorize;
mod client;
pub mod client_assertion;
pub mod consent;
pub mod dev;
mod error;
pub mod grant;
mod identity;
pub mod metadata;
mod parameters;
mod person;
mod pkce;
mod redirect_uri;
pub mod refresh;
pub mod registration;
mod scope;
mod sign_in;
mod timestamp;
pub mod token;
mod transaction;

pub use client::{Client, ClientHash, ClientId, ClientKind, ClientRefused};
pub use error::{ErrorCode, WireError};
pub use identity::{Identities, IdentityRefused, Issuer, Resource, ServerIdentity, WhoAsked};
pub use parameters::{Parameters, ParametersRefused};
pub use person::{Person, Role, Source, Subject, SubjectRefused};
pub use pkce::{CodeChallenge, CodeVerifier, PkceRefused};
pub use redirect_uri::{RedirectKind, RedirectRefused, RedirectUri, RegisteredRedirect};
pub use scope::{Scope, Scopes};
pub use sign_in::{SignIn, SignInRefused};
pub use timestamp::Timestamp;
pub use transaction::{FlowId, Transaction, TransactionId, TransactionRefused, UpstreamState};
