//! The tools as the component exports them: `postern:toolset/tools`.
//!
//! *Invariant:* nothing is decided here.

use crate::{Caller, Outcome, TOOLS};
use bindings::exports::postern::toolset::tools;

mod bindings {
    #![expect(unsafe_code, reason = "the macro writes the exports of the component")]
    // Nothing here waits, so a call need not be a task.
    wit_bindgen::generate!({ world: "toolset", path: "../../wit/toolset.wit", async: false });
    export!(Toolbox with_types_in self);
    use super::Toolbox;
}

struct Toolbox;

impl tools::Guest for Toolbox {
    fn describe() -> Vec<tools::Tool> {
        let described = TOOLS.map(|tool| tools::Tool {
            name: tool.name.to_owned(),
            title: Some(tool.title.to_owned()),
            description: Some(tool.description.to_owned()),
            input_schema: tool.input_schema.to_owned(),
            output_schema: tool.output_schema.map(str::to_owned),
            // Arithmetic and looking in a mirror.
            annotations: Some(tools::Annotations {
                read_only: true,
                destructive: false,
                idempotent: true,
                open_world: false,
            }),
        });
        described.into()
    }

    fn call(
        caller: tools::Caller,
        name: String,
        arguments: String,
    ) -> Result<tools::Outcome, tools::Refusal> {
        let tool = crate::tool_called(&name).ok_or(tools::Refusal::UnknownTool)?;
        let caller = Caller {
            subject: caller.subject,
            name: caller.name,
            email: caller.email,
            roles: caller.roles,
            claims: serde_json::from_str(&caller.claims).unwrap_or_default(),
            credential: caller.credential,
        };
        let called = (tool.call)(&caller, &arguments);
        let is_error = called.is_err();
        let Outcome { text, structured } = called.unwrap_or_else(Outcome::wrong);
        Ok(tools::Outcome {
            content: vec![tools::Content::Text(text)],
            structured,
            is_error,
        })
    }
}
