//! The Model Context Protocol as a server sees it: envelope, revisions, headers, rules, results.
//!
//! *Invariant:* no I/O and no state: a payload stays the bytes the client sent, read only as far
//! as a rule needs, and what one era says never appears in an answer to the other.

mod call;
mod capabilities;
mod client;
mod client_capabilities;
mod entry;
mod envelope;
pub mod event_stream;
mod headers;
mod input_required;
mod log_level;
mod meta;
mod method;
pub mod notice;
mod param_headers;
mod params;
mod prompt;
mod refused;
mod reply;
mod request_id;
mod resource;
pub mod results;
mod revision;
pub mod rules;
mod tool;

pub use call::{Content, ToolOutput};
pub use capabilities::{Capabilities, Offered};
pub use client::{Client, ClientInfo};
pub use client_capabilities::{ClientCapabilities, ClientCapability, TASKS};
pub use entry::{Entry, EntryRefused, may_be_of_template};
pub use envelope::{Body, Malformed, Message, Notification, Request, Response};
pub use headers::{Header, McpHeaders, encode_name};
pub use input_required::{InputMethod, InputRequest, InputRequired};
pub use log_level::LogLevel;
pub use meta::Meta;
pub use method::Method;
pub use param_headers::{ParamHeaders, ParamHeadersRefused};
pub use params::Params;
pub use prompt::{Prompt, PromptArgument, PromptMessage, Role};
pub use refused::{ErrorCode, Refused, repeated};
pub use reply::{Reply, ReplyRefused, error, result};
pub use request_id::RequestId;
pub use resource::{Resource, ResourceBody, ResourceContents, ResourceTemplate};
pub use revision::{Era, Revision};
pub use rules::Admitted;
pub use tool::{Annotations, Tool, ToolEntry, ToolRefused};
