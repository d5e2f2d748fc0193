//! `tools/list` and `tools/call` over every mounted server.
//!
//! *Invariant:* one policy decision both filters the list and judges the call, and a tool that a
//! person may not call looks to them like a tool that is not there.

use std::borrow::Cow;

use configuration::{GetToken, Place, Server};
use futures::future::join_all;
use host::{Audit, Caller, Clock, Event, Servers, Toolset, ToolsetRefused};
use http::StatusCode;
use mcp::results::{Called, ToolList};
use mcp::{Era, Refused, Request, ToolEntry};
use policy::Decision;

use crate::chained::{self, Target};
use crate::exchange::Exchange;
use crate::message::Said;
use crate::settings::SERVER;
use crate::shown;

/// The tools of all servers that this person may call.
pub(crate) async fn list<H>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Vec<u8>, Refused>
where
    H: Audit + Clock + Servers + Toolset,
{
    if request.params.cursor.is_some() {
        return Err(Refused::CursorUnknown);
    }
    let mounted = exchange.settings.mounted();
    let found = join_all(mounted.iter().map(|server| tools_of(exchange, server))).await;
    let mut lists: Vec<Cow<'_, [ToolEntry]>> = Vec::new();
    let mut failure = None;
    for tools in found {
        match tools {
            Ok(tools) => lists.push(tools),
            Err(refused) => {
                exchange
                    .host
                    .record(Event::new("server.failed").because(&refused));
                failure = Some(refused);
            }
        }
    }
    // One server that fails hides nobody else's tools; nothing to show at all is a failure.
    if let (true, Some(refused)) = (lists.is_empty(), failure) {
        return Err(refused);
    }
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
    H: Audit + Clock + Servers + Toolset,
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
            chained::call(exchange, target, (request, tool), era).await
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
            let public = |tool: &str| exchange.settings.mounted().public_name(server, tool);
            chained::list(exchange, target, public)
                .await
                .map(Cow::Owned)
        }
        Place::Toolset(get_token) => composed(exchange, server, *get_token)
            .await
            .map(Cow::Borrowed),
    }
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
