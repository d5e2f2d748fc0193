//! The Model Context Protocol as a server sees it: envelope, revisions, headers, rules, results.
//!
//! *Invariant:* no I/O and no state: a payload stays the bytes the client sent, read only as far
//! as a rule needs, and what one era says never appears in an answer to the other.

mod call;
mod envelope;
pub mod event_stream;
mod headers;
mod meta;
mod method;
mod params;
mod refused;
mod reply;
mod request_id;
pub mod results;
mod revision;
pub mod rules;
mod tool;

pub use call::{Content, ToolOutput};
pub use envelope::{Body, Malformed, Message, Notification, Request};
pub use headers::{Header, McpHeaders, encode_name};
pub use meta::Meta;
pub use method::Method;
pub use params::Params;
pub use refused::{ErrorCode, Refused, repeated};
pub use reply::{Reply, ReplyRefused, error, result};
pub use request_id::RequestId;
pub use revision::{Era, Revision};
pub use rules::Admitted;
pub use tool::{Annotations, Tool, ToolEntry, ToolRefused};
