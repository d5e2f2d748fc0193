//! A server behind the gateway: what it offers is a trait, and [`handle`] answers for it.
//!
//! It speaks 2026-07-28 alone, in which every request stands by itself; the gateway translates for
//! clients that are older.
//!
//! *Invariant:* nothing is answered that the gateway did not sign for, and a client is asked for
//! nothing that it did not say it can do.

mod answer;
mod context;
mod door;
mod interrupted;
mod keeper;
mod listen;
mod method;
mod nowhere;
mod offered;
mod outbox;
mod question;
mod results;
mod schema;
mod settings;
mod state;
mod stream;
mod task;
mod wanted;
mod work;

use std::collections::BTreeMap;

use host::{Tasks, Unavailable};
use mcp::results::Implementation;
use mcp::{
    Prompt, PromptMessage, Refused, Resource, ResourceContents, ResourceTemplate, Tool, ToolOutput,
};
use serde_json::value::to_raw_value;
use serde_json::{Map, Value};

pub use context::Context;
pub use door::handle;
pub use interrupted::{Asked, Interrupted};
pub use oauth::assertion::Calling;
pub use offered::{List, Offered, Versions};
pub use question::{Answer, Answers, Question, Questions};
pub use results::{Completion, Prompted};
pub use settings::{Settings, SettingsRefused};
pub use task::{AsTask, Leaving};

use crate::nowhere::Nowhere;

/// A completion that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completing {
    /// Of what.
    pub of: Completed,
    /// Which argument or variable.
    pub argument: String,
    /// What has been typed.
    pub typed: String,
    /// What the other arguments are already.
    pub others: BTreeMap<String, String>,
}

/// What has arguments that can be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completed {
    /// A prompt, by its name.
    Prompt(String),
    /// A resource template.
    Template(String),
}

/// What a server offers, on a host that has the ports it needs.
///
/// What is not [`offered`](Self::offered) is neither advertised nor asked for. Whatever is listed
/// may depend on who calls, and on nothing else of a request.
pub trait Server<H>: Send + Sync + 'static {
    /// What it calls itself.
    fn implementation(&self) -> Implementation;

    /// What it offers.
    fn offered(&self) -> Offered;

    /// How its tools are best used, for models to read.
    fn instructions(&self) -> Option<&str> {
        None
    }

    /// Where its tasks are kept, if it has any.
    fn keeps<'a>(&'a self, _host: &'a H) -> Option<impl Tasks + 'a> {
        None::<Nowhere>
    }

    /// The tools that this person may see.
    async fn tools(&self, _host: &H, _calling: &Calling) -> Result<Vec<Tool>, Unavailable> {
        Ok(Vec::new())
    }

    /// Calls a tool that [`tools`](Self::tools) lists, with arguments that its schema allows.
    async fn call(
        &self,
        _context: &Context<H>,
        tool: &str,
        _arguments: &Map<String, Value>,
    ) -> Result<ToolOutput, Interrupted> {
        Err(Refused::ToolUnknown(tool.to_owned()).into())
    }

    /// The resources that this person may see.
    async fn resources(&self, _host: &H, _calling: &Calling) -> Result<Vec<Resource>, Unavailable> {
        Ok(Vec::new())
    }

    /// The templates of resources that this person may see.
    async fn templates(
        &self,
        _host: &H,
        _calling: &Calling,
    ) -> Result<Vec<ResourceTemplate>, Unavailable> {
        Ok(Vec::new())
    }

    /// What is at `uri`: at least one thing, or [`Refused::ResourceUnknown`].
    async fn read(
        &self,
        _context: &Context<H>,
        uri: &str,
    ) -> Result<Vec<ResourceContents>, Interrupted> {
        Err(Refused::ResourceUnknown(uri.to_owned()).into())
    }

    /// The prompts that this person may see.
    async fn prompts(&self, _host: &H, _calling: &Calling) -> Result<Vec<Prompt>, Unavailable> {
        Ok(Vec::new())
    }

    /// The messages of a prompt that [`prompts`](Self::prompts) lists, with every argument that it
    /// requires.
    async fn prompt(
        &self,
        _context: &Context<H>,
        prompt: &str,
        _arguments: &BTreeMap<String, String>,
    ) -> Result<Vec<PromptMessage>, Interrupted> {
        Err(Refused::PromptUnknown(prompt.to_owned()).into())
    }

    /// What could be meant, best first.
    async fn complete(
        &self,
        _host: &H,
        _calling: &Calling,
        _completing: &Completing,
    ) -> Result<Completion, Unavailable> {
        Ok(Completion::default())
    }

    /// Which versions of its lists, and of these resources, there are: whoever listens is told when
    /// one differs from before.
    async fn versions(
        &self,
        _host: &H,
        _calling: &Calling,
        _watched: &[String],
    ) -> Result<Versions, Unavailable> {
        Ok(Versions::default())
    }
}

/// A tool by its name, what models read of it, and the JSON Schema of its arguments.
#[must_use]
pub fn tool(name: &str, description: &str, input: &Value) -> Tool {
    Tool {
        name: name.to_owned(),
        title: None,
        description: Some(description.to_owned()),
        input_schema: to_raw_value(input).unwrap_or_default(),
        output_schema: None,
        annotations: None,
    }
}

#[cfg(test)]
mod tests;
