//! The three methods that may ask the client before they answer.
//!
//! *Invariant:* arguments reach a tool only after its own schema allowed them, and what a client
//! brings back counts only where it was sealed for this call.

use std::collections::BTreeMap;
use std::sync::Arc;

use host::{Clock, Entropy, Streams};
use http::HeaderMap;
use mcp::results::Called;
use mcp::{Era, Refused, ToolOutput};
use serde_json::{Map, Value};

use crate::Server;
use crate::context::Context;
use crate::interrupted::{Asked, Interrupted};
use crate::method::Method;
use crate::outbox::Outbox;
use crate::results::{CONTENTS_TTL, InputRequired, Listed, Prompted, Said};
use crate::settings::{Judge, Shared};
use crate::state::{Binding, State};
use crate::wanted::Wanted;
use crate::work;

/// Answers, or asks.
pub(super) async fn answer<H, S>(
    shared: &Arc<Shared<S>>,
    host: H,
    wanted: &Wanted,
    outbox: Outbox,
) -> Result<Vec<u8>, Refused>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let binding = Binding::new(&wanted.calling, &wanted.method_name, &wanted.params);
    let state = wanted.state()?.map(|text| {
        let keys = &shared.states;
        State::open(text, keys, shared.component, &binding, host.now())
    });
    // SEP-2663: nothing but a call of a tool becomes a task.
    let tasks = shared.server.offered().tasks && wanted.method == Method::ToolsCall;
    let context = Context::answering(host, wanted, state.transpose()?, outbox)?;
    let context = context.knowing_tasks(tasks);
    let said = match wanted.method {
        Method::PromptsGet => prompt(shared, &context, wanted).await,
        Method::ResourcesRead => read(shared, &context, wanted).await,
        _ => call(shared, &context, wanted).await,
    };
    match said {
        Ok(body) => Ok(body),
        Err(Interrupted::Refused(refused)) => Err(refused),
        Err(Interrupted::Leaves(leaving)) => {
            work::begin(shared, context.host(), wanted, leaving).await
        }
        Err(Interrupted::Asks(asked)) => ask(shared, context.host(), wanted, (binding, asked)),
    }
}

async fn call<H, S: Server<H>>(
    shared: &Shared<S>,
    context: &Context<H>,
    wanted: &Wanted,
) -> Result<Vec<u8>, Interrupted> {
    let name = wanted.text("name")?;
    let arguments = wanted.arguments()?;
    let headers = Some(&wanted.headers);
    let output = outcome(shared, context, name, &arguments, headers).await?;
    let called = Called::new(Era::Modern, shared.server.implementation(), &output);
    Ok(wanted.id.result(&called))
}

/// What a tool gives, where its arguments are what its schema allows, and what the headers say.
pub(crate) async fn outcome<H, S: Server<H>>(
    shared: &Shared<S>,
    context: &Context<H>,
    name: &str,
    arguments: &Map<String, Value>,
    headers: Option<&HeaderMap>,
) -> Result<ToolOutput, Interrupted> {
    let server = &shared.server;
    let tools = server.tools(context.host(), context.calling()).await?;
    let tool = tools.into_iter().find(|tool| tool.name == name);
    let tool = tool.ok_or_else(|| Refused::ToolUnknown(name.to_owned()))?;
    let judge = shared.judge(&tool)?;
    if let Some(headers) = headers {
        judge.mirrored.check(headers, arguments)?;
    }
    let output = match judge.input.check(&Value::Object(arguments.clone())) {
        Ok(()) => server.call(context, name, arguments).await?,
        // 2025-11-25, Tools, Error Handling: what a model can put right, it must get to read.
        Err(faults) => ToolOutput::failure(format!(
            "The arguments do not fit the schema of `{name}`: {}",
            faults.join("; ")
        )),
    };
    check_output(&judge, &output)?;
    Ok(output)
}

/// 2026-07-28, Tools, Output Schema: a server keeps to what it announced.
fn check_output(judge: &Judge, output: &ToolOutput) -> Result<(), Refused> {
    let Some(schema) = judge.output.as_ref().filter(|_| !output.is_error) else {
        return Ok(());
    };
    let structured = output.structured.as_deref();
    let structured: Option<Value> = structured.and_then(|raw| serde_json::from_str(raw.get()).ok());
    match structured.map(|structured| schema.check(&structured)) {
        Some(Ok(())) => Ok(()),
        None | Some(Err(_)) => Err(Refused::Failed(
            "has an outcome that is not what the tool announced",
        )),
    }
}

async fn prompt<H, S: Server<H>>(
    shared: &Shared<S>,
    context: &Context<H>,
    wanted: &Wanted,
) -> Result<Vec<u8>, Interrupted> {
    let server = &shared.server;
    let name = wanted.text("name")?;
    let prompts = server.prompts(context.host(), context.calling()).await?;
    let prompt = prompts.into_iter().find(|prompt| prompt.name == name);
    let prompt = prompt.ok_or_else(|| Refused::PromptUnknown(name.to_owned()))?;
    let arguments = wanted.strings()?;
    let missing = prompt
        .arguments
        .into_iter()
        .find(|argument| argument.required && !arguments.contains_key(&argument.name));
    if let Some(missing) = missing {
        return Err(Refused::ArgumentMissing(missing.name).into());
    }
    let messages = server.prompt(context, name, &arguments).await?;
    let prompted = Prompted {
        description: prompt.description,
        messages,
    };
    let said = Said::complete(server.implementation(), prompted);
    Ok(wanted.id.result(&said))
}

async fn read<H, S: Server<H>>(
    shared: &Shared<S>,
    context: &Context<H>,
    wanted: &Wanted,
) -> Result<Vec<u8>, Interrupted> {
    let server = &shared.server;
    let uri = wanted.text("uri")?;
    let contents = server.read(context, uri).await?;
    // 2026-07-28, Resources, Error Handling: nothing there is an error, and no empty list.
    if contents.is_empty() {
        return Err(Refused::ResourceUnknown(uri.to_owned()).into());
    }
    let said = Said::complete(server.implementation(), Listed::Contents(contents));
    Ok(wanted.id.result(&said.kept(CONTENTS_TTL)))
}

fn ask<H: Clock + Entropy, S: Server<H>>(
    shared: &Shared<S>,
    host: &H,
    wanted: &Wanted,
    (binding, asked): (Binding, Asked),
) -> Result<Vec<u8>, Refused> {
    let Asked { open, known, bound } = asked;
    let keys: Vec<String> = open.iter().map(|(key, _)| key.clone()).collect();
    let input_requests: BTreeMap<String, Value> = open
        .into_iter()
        .map(|(key, question)| (key, question.request()))
        .collect();
    let request_state = if bound || !known.is_empty() {
        let state = State::new(binding, keys, known, host.now());
        Some(state.seal(&shared.states, shared.component, host.random())?)
    } else {
        None
    };
    let required = InputRequired {
        input_requests,
        request_state,
    };
    let server = shared.server.implementation();
    let said = Said::of_type("input_required", server, required);
    Ok(wanted.id.result(&said))
}
