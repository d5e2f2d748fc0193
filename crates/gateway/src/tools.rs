//! `tools/list` and `tools/call` over every mounted server.
//!
//! *Invariant:* one policy decision both filters the list and judges the call, and a tool that a
//! person may not call looks to them like a tool that is not there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use configuration::{GetToken, Place, Server};
use futures::future::join_all;
use host::{Audit, Caller, Clock, Event, Servers, Streams, Toolset, ToolsetRefused};
use http::{HeaderMap, StatusCode};
use mcp::results::{Called, ToolList};
use mcp::{Era, Method, ParamHeaders, Refused, Request, ToolEntry};
use policy::Decision;
use serde_json::value::to_raw_value;

use crate::chained::{self, Passing, Target};
use crate::exchange::Exchange;
use crate::message::Said;
use crate::settings::SERVER;
use crate::{listing, shown};

/// The tools of one server that want arguments in headers.
pub(crate) type Mirrored = BTreeMap<String, ParamHeaders>;

/// The tools of all servers that this person may call.
pub(crate) async fn list<H>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Vec<u8>, Refused>
where
    H: Audit + Clock + Servers + Toolset,
{
    listing::one_page(request)?;
    let mounted = exchange.settings.mounted();
    let found = join_all(mounted.iter().map(|server| tools_of(exchange, server))).await;
    let lists = listing::of_who_answers(exchange, found)?;
    let caller = asker(exchange);
    let tools = lists.iter().flat_map(|tools| tools.iter());
    let listed = tools.filter(|tool| exchange.settings.policy().lists(caller, tool.name()));
    Ok(mcp::result(request.id, &ToolList::new(era, SERVER, listed)))
}

/// Calls one tool.
pub(crate) async fn call<H>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, Refused>
where
    H: Audit + Clock + Servers + Streams + Toolset,
{
    let name = request.params.name().ok_or(Refused::ParamMissing("name"))?;
    let arguments = request.params.arguments.map_or("{}", |raw| raw.get());
    if !arguments.starts_with('{') {
        return Err(Refused::ArgumentsMalformed);
    }
    let unknown = || Refused::ToolUnknown(name.to_string());
    let mounted = exchange.settings.mounted();
    let (server, tool) = mounted.resolve(&name).ok_or_else(unknown)?;
    let decision = exchange.settings.policy().decide(asker(exchange), &name);
    if decision != Decision::Allowed {
        exchange
            .host
            .record(refused_call(exchange, &name, decision));
        return Err(unknown());
    }
    match &server.place {
        Place::Component(component) => {
            let target = Target {
                server: &server.name,
                component,
            };
            let mut passing = Passing::unchanged(request, Method::ToolsCall, era);
            passing.about = Some(tool);
            if name != tool {
                let raw = to_raw_value(tool).map_err(|_| target.failed("could not be asked"))?;
                passing.changed.push(("name", raw));
            }
            if era == Era::Legacy {
                let mirrored = mirrored(exchange, (server, target), &name).await;
                passing.mirrored = written(&mirrored, arguments);
            }
            chained::pass(exchange, target, passing).await
        }
        Place::Toolset(get_token) => {
            let caller = told(exchange, tool, *get_token).ok_or_else(unknown)?;
            let output = exchange.host.call(&caller, tool, arguments).await;
            let output = output.map_err(|reason| not_called(reason, server, unknown))?;
            let body = mcp::result(request.id, &Called::new(era, SERVER, &output));
            Ok(Said::Written(StatusCode::OK, body))
        }
    }
}

async fn tools_of<'a, H>(
    exchange: &Exchange<'a, H>,
    server: &Server,
) -> Result<Cow<'a, [ToolEntry]>, Refused>
where
    H: Audit + Clock + Servers + Toolset,
{
    match &server.place {
        Place::Component(component) => {
            let target = Target {
                server: &server.name,
                component,
            };
            let tools = of_component(exchange, server, target).await;
            tools.map(Cow::Owned)
        }
        Place::Toolset(get_token) => composed(exchange, server, *get_token)
            .await
            .map(Cow::Borrowed),
    }
}

/// The tools of a component, under their public names; those that clients could not use are left
/// out.
async fn of_component<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    server: &Server,
    target: Target<'_>,
) -> Result<Vec<ToolEntry>, Refused> {
    let list = (Method::ToolsList, "tools");
    let found = chained::list(exchange, target, list).await?;
    let public = |own: &str| exchange.settings.mounted().public_name(server, own);
    let mut names = BTreeSet::new();
    let entries = found
        .iter()
        .filter_map(|raw| ToolEntry::read(raw, public).ok());
    let entries: Vec<ToolEntry> = entries
        .filter(|entry| names.insert(entry.name().to_owned()))
        .collect();
    let mirrored = entries.iter().filter(|entry| !entry.mirrored().is_empty());
    let mirrored = mirrored.map(|entry| (entry.name().to_owned(), entry.mirrored().clone()));
    let finds = &exchange.settings.memory().mirrored;
    finds.remember(exchange, server, Arc::new(mirrored.collect()));
    Ok(entries)
}

/// The arguments that a tool wants in headers, as its server said lately. A server that does not
/// say so now is called all the same: it judges for itself.
async fn mirrored<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    (server, target): (&Server, Target<'_>),
    name: &str,
) -> ParamHeaders {
    let finds = &exchange.settings.memory().mirrored;
    let mut found = finds.recall(exchange, server);
    if found.is_none() && of_component(exchange, server, target).await.is_ok() {
        found = finds.recall(exchange, server);
    }
    let found = found.and_then(|found| found.get(name).cloned());
    found.unwrap_or_default()
}

/// The headers of a call, in place of those that a legacy client does not know of.
fn written(mirrored: &ParamHeaders, arguments: &str) -> HeaderMap {
    if mirrored.is_empty() {
        return HeaderMap::new();
    }
    let arguments = serde_json::from_str(arguments);
    arguments.map_or_else(|_| HeaderMap::new(), |arguments| mirrored.write(&arguments))
}

/// Who calls `tool` of the composed toolset, and what it is shown of their credential; nothing for
/// the tool that shows it where the operator does not want that.
fn told<'a, H>(exchange: &Exchange<'a, H>, tool: &str, how: GetToken) -> Option<Cow<'a, Caller>> {
    let caller = &exchange.caller.caller;
    match (tool == GetToken::TOOL, how) {
        (false, _) => Some(Cow::Borrowed(caller)),
        (true, GetToken::Off) => None,
        (true, GetToken::Redacted | GetToken::Whole) => Some(Cow::Owned(Caller {
            credential: shown::credential(exchange.headers, how),
            ..caller.clone()
        })),
    }
}

/// The tools of the composed toolset, which are the same for as long as the instance lives.
async fn composed<'a, H: Toolset>(
    exchange: &Exchange<'a, H>,
    server: &Server,
    get_token: GetToken,
) -> Result<&'a [ToolEntry], Refused> {
    let settings = exchange.settings;
    if let Some(tools) = settings.memory().toolset.get() {
        return Ok(tools);
    }
    let failed = || failed(server, "described a tool that clients could not use");
    let described = exchange.host.tools().await.map_err(|_| failed())?;
    let entry =
        |tool: &mcp::Tool| ToolEntry::of(tool, &settings.mounted().public_name(server, &tool.name));
    let there = |tool: &&mcp::Tool| tool.name != GetToken::TOOL || get_token != GetToken::Off;
    let entries: Result<Vec<_>, _> = described.iter().filter(there).map(entry).collect();
    let entries = entries.map_err(|_| failed())?;
    Ok(settings.memory().toolset.get_or_init(|| entries))
}

fn asker<'a, H>(exchange: &Exchange<'a, H>) -> policy::Caller<'a> {
    policy::Caller {
        roles: &exchange.caller.caller.person.roles,
    }
}

fn refused_call<H>(exchange: &Exchange<'_, H>, tool: &str, decision: Decision) -> Event {
    let why = match decision {
        Decision::Allowed => "allowed",
        Decision::Forbidden => "a forbid rule is against it",
        Decision::NotAllowed => "no allow rule is for it",
    };
    Event {
        subject: Some(exchange.caller.caller.person.subject.to_string()),
        ..Event::new("call.refused").because(&format!("{:?}: {why}", mcp::repeated(tool)))
    }
}

fn not_called(
    reason: ToolsetRefused,
    server: &Server,
    unknown: impl FnOnce() -> Refused,
) -> Refused {
    match reason {
        ToolsetRefused::Malformed => failed(server, "gave no outcome that could be passed on"),
        ToolsetRefused::Unavailable => failed(server, "cannot try the tool now"),
        ToolsetRefused::UnknownTool => unknown(),
    }
}

fn failed(server: &Server, reason: &'static str) -> Refused {
    Refused::ServerFailed {
        server: server.name.clone(),
        reason,
    }
}
