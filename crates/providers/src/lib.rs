//! Identity providers: each is data, and what they say is judged by the same rules.
//!
//! *Invariant:* no I/O: requests are made here and sent elsewhere, and nobody becomes a person
//! before every rule for the provider's answers has held.

mod address;
mod admission;
mod authorization;
mod catalogue;
mod claims;
mod discovery;
mod form;
mod id_token;
mod provider;
mod reads;
mod role_claim;
mod role_map;
#[cfg(test)]
mod samples;
mod template;
mod tenant;
mod token_answer;
mod upstream;
mod values;
mod wishes;

pub use admission::AdmissionRefused;
pub use authorization::Asking;
pub use catalogue::{CATALOGUE, find, is_known};
pub use claims::{Claims, PersonRefused, at_path};
pub use discovery::{Discovered, DiscoveryRefused, Endpoints};
pub use id_token::{Expected, IdTokenRefused};
pub use provider::{
    Anyone, Authentication, Content, Issuers, Offline, Provider, Quirk, Told, Userinfo, Variable,
};
pub use reads::Read;
pub use role_map::RoleMap;
pub use token_answer::{TokenAnswer, TokenAnswerRefused};
pub use upstream::{Upstream, UpstreamRefused};
pub use wishes::{Allow, ProviderText, Whom, Wishes, WishesRefused};
