//! The built-in tools: `add`, `calculate` and `userInfo`.
//!
//! *Invariant:* a tool knows its arguments and its caller, and nothing else: no capability is
//! imported, so there is nothing else to know.

#[cfg(target_family = "wasm")]
mod component;

mod add;
mod arguments;
mod calculate;
mod tool;
mod user_info;

pub use tool::{Caller, Outcome, Tool};

/// Every tool, in the order a list shows them.
pub const TOOLS: [Tool; 3] = [add::TOOL, calculate::TOOL, user_info::TOOL];
