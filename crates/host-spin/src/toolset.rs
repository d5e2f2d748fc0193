//! The composed toolset: `postern:toolset/tools`, plugged in by the manifest's dependencies.

use bindings::postern::toolset::tools;
use host::{Caller, Toolset, ToolsetRefused};
use mcp::{Annotations, Content, Tool, ToolOutput};
use serde_json::value::RawValue;

use crate::SpinHost;

mod bindings {
    // Called as plain functions: what is composed has no capability, so it has nothing to wait
    // for, and a task of its own for each call would cost a quarter of the whole request.
    wit_bindgen::generate!({ world: "socket", path: "../../wit/toolset.wit", async: false });
}

impl Toolset for SpinHost {
    async fn tools(&self) -> Result<Vec<Tool>, ToolsetRefused> {
        tools::describe().into_iter().map(tool).collect()
    }

    async fn call(
        &self,
        caller: &Caller,
        tool: &str,
        arguments: &str,
    ) -> Result<ToolOutput, ToolsetRefused> {
        let called = tools::call(&told(caller), tool, arguments);
        let outcome = called.map_err(|refusal| match refusal {
            tools::Refusal::Unavailable => ToolsetRefused::Unavailable,
            tools::Refusal::UnknownTool => ToolsetRefused::UnknownTool,
        })?;
        Ok(ToolOutput {
            content: outcome.content.into_iter().map(content).collect(),
            structured: outcome.structured.map(json).transpose()?,
            is_error: outcome.is_error,
        })
    }
}

fn told(caller: &Caller) -> tools::Caller {
    tools::Caller {
        subject: caller.person.subject.to_string(),
        name: caller.person.name.clone(),
        email: caller.person.email.clone(),
        roles: caller.person.roles.clone(),
        claims: caller.person.claims.as_json().to_owned(),
        client_id: caller.client_id.clone(),
        scopes: caller
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        credential: caller
            .credential
            .as_ref()
            .map(|shown| shown.text().to_owned()),
    }
}

fn tool(tool: tools::Tool) -> Result<Tool, ToolsetRefused> {
    Ok(Tool {
        name: tool.name,
        title: tool.title,
        description: tool.description,
        input_schema: json(tool.input_schema)?,
        output_schema: tool.output_schema.map(json).transpose()?,
        annotations: tool.annotations.map(|hints| Annotations {
            read_only_hint: hints.read_only,
            destructive_hint: hints.destructive,
            idempotent_hint: hints.idempotent,
            open_world_hint: hints.open_world,
        }),
    })
}

fn content(content: tools::Content) -> Content {
    match content {
        tools::Content::Text(text) => Content::Text { text },
        tools::Content::Image(tools::Media { data, mime_type }) => {
            Content::Image { data, mime_type }
        }
        tools::Content::Audio(tools::Media { data, mime_type }) => {
            Content::Audio { data, mime_type }
        }
    }
}

fn json(text: String) -> Result<Box<RawValue>, ToolsetRefused> {
    RawValue::from_string(text).map_err(|_| ToolsetRefused::Malformed)
}
