//! Tools for the application in memory, in place of the composed toolbox, which is WebAssembly.
//!
//! *Invariant:* they show what reaches a tool; what the toolbox makes of it is its own tests' to say.

use host::{Caller, ToolsetRefused};
use host_memory::MemoryTool;
use mcp::{Tool, ToolOutput};
use serde_json::Value;
use serde_json::value::RawValue;

/// Tools of the toolbox's names.
#[must_use]
pub(crate) fn tools() -> Vec<MemoryTool> {
    [
        ("add", add as fn(&Caller, &str) -> _),
        ("calculate", add),
        ("userInfo", person),
        ("getUserInfo", person),
        ("getToken", credential),
    ]
    .map(|(name, call)| MemoryTool {
        tool: described(name),
        call,
    })
    .into()
}

fn described(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        title: None,
        description: Some("a tool in memory".to_owned()),
        input_schema: RawValue::from_string(r#"{"type":"object"}"#.to_owned()).expect("JSON"),
        output_schema: None,
        annotations: None,
    }
}

fn add(_: &Caller, arguments: &str) -> Result<ToolOutput, ToolsetRefused> {
    let arguments: Value =
        serde_json::from_str(arguments).map_err(|_| ToolsetRefused::Malformed)?;
    let number = |name: &str| arguments[name].as_f64().ok_or(ToolsetRefused::Malformed);
    Ok(ToolOutput::text((number("a")? + number("b")?).to_string()))
}

fn person(caller: &Caller, _: &str) -> Result<ToolOutput, ToolsetRefused> {
    Ok(ToolOutput::text(
        serde_json::to_string(&caller.person).map_err(|_| ToolsetRefused::Malformed)?,
    ))
}

fn credential(caller: &Caller, _: &str) -> Result<ToolOutput, ToolsetRefused> {
    let shown = caller
        .credential
        .as_ref()
        .map_or("none", |shown| shown.text());
    Ok(ToolOutput::text(shown))
}
