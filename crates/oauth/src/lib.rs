//! OAuth 2.1 for MCP: its nouns as types and its rules as functions.
//!
//! *Invariant:* no I/O, no clock, no randomness: time and random bytes are arguments, and what a
//! rule has established is a value that only that rule can make.

pub mod access_token;
mod anew;
pub mod approval;
pub mod assertion;
mod auth_method;
pub mod authentication;
pub mod authorize;
mod client;
pub mod client_assertion;
pub mod client_document;
pub mod configured;
pub mod consent;
pub mod dev;
mod dot_segment;
mod error;
pub mod foreign_token;
pub mod grant;
mod grant_type;
mod identity;
pub mod introspection;
pub mod metadata;
mod parameters;
mod person;
mod pkce;
mod prompt;
mod redirect_uri;
pub mod refresh;
pub mod registration;
mod resource;
mod revocation;
mod scope;
pub mod session;
mod sign_in;
mod software;
mod timestamp;
pub mod token;
mod transaction;

pub use anew::{StillThere, UpstreamRefresh, WhoNow};
pub use auth_method::AuthMethod;
pub use client::{
    Client, ClientHash, ClientId, ClientKeys, ClientKind, ClientRefused, Credential, Service,
};
pub use error::{ErrorCode, WireError};
pub use grant_type::GrantType;
pub use identity::{Identities, IdentityRefused, Issuer, ServerIdentity, WhoAsked};
pub use parameters::{Parameters, ParametersRefused};
pub use person::{
    Person, PersonClaims, PersonClaimsRefused, Role, Source, Subject, SubjectRefused,
};
pub use pkce::{CodeChallenge, CodeVerifier, PkceRefused};
pub use prompt::{MaxAge, Prompt, PromptRefused, Prompting};
pub use redirect_uri::{RedirectKind, RedirectRefused, RedirectUri, RegisteredRedirect};
pub use resource::{Resource, Resources};
pub use revocation::Mark;
pub use scope::{Scope, Scopes};
pub use sign_in::{SignIn, SignInRefused, Vouched};
pub use software::Software;
pub use timestamp::Timestamp;
pub use transaction::{
    Agreed, FlowId, Transaction, TransactionId, TransactionRefused, UpstreamState,
};
