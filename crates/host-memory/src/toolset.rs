//! A toolset of functions.

use host::{Caller, Toolset, ToolsetRefused};
use mcp::{Tool, ToolOutput};

use crate::MemoryHost;

/// A tool, and the function that it is.
#[derive(Clone, Debug)]
pub struct MemoryTool {
    /// Its description.
    pub tool: Tool,
    /// What it does with its arguments.
    pub call: fn(&Caller, &str) -> Result<ToolOutput, ToolsetRefused>,
}

impl MemoryHost {
    /// Composes a toolset of these tools.
    pub fn set_tools(&self, tools: Vec<MemoryTool>) {
        *self.state.tools.borrow_mut() = tools;
    }
}

impl Toolset for MemoryHost {
    async fn tools(&self) -> Result<Vec<Tool>, ToolsetRefused> {
        let tools = self.state.tools.borrow();
        Ok(tools.iter().map(|tool| tool.tool.clone()).collect())
    }

    async fn call(
        &self,
        caller: &Caller,
        tool: &str,
        arguments: &str,
    ) -> Result<ToolOutput, ToolsetRefused> {
        let called = {
            let tools = self.state.tools.borrow();
            let found = tools.iter().find(|known| known.tool.name == tool);
            found.ok_or(ToolsetRefused::UnknownTool)?.call
        };
        called(caller, arguments)
    }
}
