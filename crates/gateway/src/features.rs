//! What the mounted servers offer, and what a client is told of it.
//!
//! *Invariant:* a client is told of nothing that would not work for it: a server that does not
//! answer offers nothing, and changes are told only where somebody can listen for them.

use configuration::{Place, Server};
use futures::future::join_all;
use host::{Audit, Clock, Event, Servers};
use mcp::{Capabilities, Era, Method, Refused};
use policy::Decision;

use crate::chained::{self, Target};
use crate::exchange::Exchange;

/// A server that is a component, and what it offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offering<'a> {
    pub(crate) server: &'a Server,
    pub(crate) target: Target<'a>,
    pub(crate) capabilities: Capabilities,
}

/// What a client is told, over all servers.
pub(crate) async fn told<H: Audit + Clock + Servers>(
    exchange: &Exchange<'_, H>,
    era: Era,
) -> Capabilities {
    let offered = offered(exchange).await;
    let together = offered
        .iter()
        .fold(Capabilities::TOOLS, |all, one| all.and(one.capabilities));
    match (era, heard(&offered)) {
        (Era::Modern, Some(_)) => together,
        (Era::Legacy, _) | (Era::Modern, None) => together.without_changes(),
    }
}

/// The servers behind us that are components.
pub(crate) async fn offered<'a, H: Audit + Clock + Servers>(
    exchange: &Exchange<'a, H>,
) -> Vec<Offering<'a>> {
    let mounted = exchange.settings.mounted().iter();
    let components = mounted.filter_map(|server| match &server.place {
        Place::Component(component) => Some((server, component)),
        Place::Toolset(_) => None,
    });
    join_all(components.map(|(server, component)| async move {
        let target = Target {
            server: &server.name,
            component,
        };
        Offering {
            server,
            target,
            capabilities: of_server(exchange, server, target).await,
        }
    }))
    .await
}

/// Those of them that offer what `method` asks for. Where none does, nobody has the method.
pub(crate) async fn offering<'a, H: Audit + Clock + Servers>(
    exchange: &Exchange<'a, H>,
    method: Method,
) -> Result<Vec<Offering<'a>>, Refused> {
    let mut offered = offered(exchange).await;
    offered.retain(|one| has(one.capabilities, method));
    if offered.is_empty() {
        return Err(Refused::MethodUnknown(method.as_str().to_owned()));
    }
    Ok(offered)
}

/// Whose changes a client can hear of: a stream is passed on as it is, so it is of one server.
pub(crate) fn heard<'a, 'b>(offered: &'b [Offering<'a>]) -> Option<&'b Offering<'a>> {
    let mut changing = offered.iter().filter(|one| one.capabilities.has_changes());
    match (changing.next(), changing.next()) {
        (Some(one), None) => Some(one),
        (None | Some(_), _) => None,
    }
}

/// Whether this person may have the resources of a server. To the rules they are one thing, which
/// is called as a tool `resources` would be.
pub(crate) fn may_read<H>(exchange: &Exchange<'_, H>, server: &Server) -> bool {
    let name = exchange.settings.mounted().public_name(server, "resources");
    may(exchange, &name)
}

/// Whether this person may have what has this public name: a tool, a prompt, or resources.
pub(crate) fn may<H>(exchange: &Exchange<'_, H>, name: &str) -> bool {
    let caller = policy::Caller {
        roles: &exchange.caller.caller.person.roles,
    };
    exchange.settings.policy().decide(caller, name) == Decision::Allowed
}

async fn of_server<H: Audit + Clock + Servers>(
    exchange: &Exchange<'_, H>,
    server: &Server,
    target: Target<'_>,
) -> Capabilities {
    let finds = &exchange.settings.memory().offers;
    if let Some(found) = finds.recall(exchange, server) {
        return found;
    }
    match chained::discover(exchange, target).await {
        Ok(found) => {
            finds.remember(exchange, server, found);
            found
        }
        Err(refused) => {
            let event = Event::new("server.failed").because(&refused);
            exchange.host.record(event);
            Capabilities::default()
        }
    }
}

fn has(capabilities: Capabilities, method: Method) -> bool {
    match method {
        Method::Complete => capabilities.completions.is_some(),
        Method::Listen => capabilities.has_changes(),
        Method::SetLevel => capabilities.logging.is_some(),
        Method::PromptsGet | Method::PromptsList => capabilities.prompts.is_some(),
        Method::ResourcesList | Method::ResourcesRead | Method::TemplatesList => {
            capabilities.resources.is_some()
        }
        Method::Discover
        | Method::Initialize
        | Method::Ping
        | Method::ToolsCall
        | Method::ToolsList => true,
    }
}
