//! The built-in tools: `add`, `calculate`, `userInfo`, `getUserInfo` and `getToken`.
//!
//! *Invariant:* a tool knows its arguments and its caller, and nothing else: no capability is
//! imported, so there is nothing else to know.

#[cfg(target_family = "wasm")]
mod component;

mod add;
mod arguments;
mod calculate;
mod get_token;
mod get_user_info;
mod tool;
mod user_info;

pub use tool::{Caller, Outcome, Tool};

/// Every tool, in the order a list shows them.
pub const TOOLS: [Tool; 5] = [
    add::TOOL,
    calculate::TOOL,
    user_info::TOOL,
    get_user_info::TOOL,
    get_token::TOOL,
];

/// The tool that is called `name`.
#[must_use]
pub fn tool_called(name: &str) -> Option<Tool> {
    TOOLS.into_iter().find(|tool| tool.name == name)
}
