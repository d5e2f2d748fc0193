//! `prompts/list` and `prompts/get` over every mounted server, and completion.
//!
//! *Invariant:* a prompt is judged by its public name, as a tool is, and one that a person may not
//! have looks to them like one that is not there.

use std::borrow::Cow;

use futures::future::join_all;
use host::{Audit, Clock, Servers, Streams};
use mcp::results::EntryList;
use mcp::{Entry, Era, Method, Refused, Request};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::chained::{self, Passing};
use crate::exchange::Exchange;
use crate::features::{self, Offering};
use crate::message::Said;
use crate::settings::SERVER;
use crate::{listing, resources};

/// What is completed.
#[derive(Deserialize, Serialize)]
struct Reference<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    uri: Option<Cow<'a, str>>,
}

/// The prompts of all servers that this person may have.
pub(crate) async fn list<H: Audit + Clock + Servers>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Vec<u8>, Refused> {
    let offering = features::offering(exchange, Method::PromptsList).await?;
    listing::one_page(request)?;
    let found = join_all(offering.iter().map(|one| of_server(exchange, one))).await;
    let lists = listing::of_who_answers(exchange, found)?;
    let entries: Vec<&Entry> = lists.iter().flatten().collect();
    let may = |entry: &&&Entry| features::may(exchange, entry.id());
    let listed = entries.iter().filter(may).copied();
    let list = EntryList::prompts(era, SERVER, listed);
    Ok(mcp::result(request.id, &list))
}

/// Gets one prompt.
pub(crate) async fn get<H: Audit + Clock + Servers + Streams>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, Refused> {
    let offering = features::offering(exchange, Method::PromptsGet).await?;
    let name = request.params.name().ok_or(Refused::ParamMissing("name"))?;
    let (one, own) = owner(exchange, &offering, &name)?;
    let mut passing = Passing::unchanged(request, Method::PromptsGet, era);
    passing.about = Some(own);
    if own != name {
        let raw = to_raw_value(own).map_err(|_| one.target.failed("could not be asked"))?;
        passing.changed.push(("name", raw));
    }
    chained::pass(exchange, one.target, passing).await
}

/// Completes an argument of a prompt, or a variable of a template.
pub(crate) async fn complete<H: Audit + Clock + Servers + Streams>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, Refused> {
    #[derive(Deserialize)]
    struct Completing<'a> {
        #[serde(borrow, rename = "ref")]
        reference: Reference<'a>,
    }
    let offering = features::offering(exchange, Method::Complete).await?;
    let params = request.params.raw.map_or("{}", RawValue::get);
    let completing: Result<Completing<'_>, _> = serde_json::from_str(params);
    let mut reference = completing
        .map_err(|_| Refused::ParamMissing("ref.type"))?
        .reference;
    let mut passing = Passing::unchanged(request, Method::Complete, era);
    if reference.kind == "ref/prompt" {
        let name = reference
            .name
            .take()
            .ok_or(Refused::ParamMissing("ref.name"))?;
        let (one, own) = owner(exchange, &offering, &name)?;
        if own != name {
            reference.name = Some(own.into());
            let raw = to_raw_value(&reference);
            let raw = raw.map_err(|_| one.target.failed("could not be asked"))?;
            passing.changed.push(("ref", raw));
        }
        return chained::pass(exchange, one.target, passing).await;
    }
    let uri = reference.uri.ok_or(Refused::ParamMissing("ref.uri"))?;
    let one = resources::owner(exchange, &offering, &uri).await?;
    chained::pass(exchange, one.target, passing).await
}

/// The server that has a prompt, and what it calls it.
fn owner<'a, 'b, 'c, H>(
    exchange: &Exchange<'_, H>,
    offering: &'b [Offering<'a>],
    name: &'c str,
) -> Result<(&'b Offering<'a>, &'c str), Refused> {
    let unknown = || Refused::PromptUnknown(name.to_owned());
    let resolved = exchange.settings.mounted().resolve(name);
    let (server, own) = resolved.ok_or_else(unknown)?;
    let mut theirs = offering.iter().filter(|one| one.server.name == server.name);
    let one = theirs.next().filter(|_| features::may(exchange, name));
    one.map(|one| (one, own)).ok_or_else(unknown)
}

async fn of_server<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    one: &Offering<'_>,
) -> Result<Vec<Entry>, Refused> {
    let list = (Method::PromptsList, "prompts");
    let found = chained::list(exchange, one.target, list).await?;
    let mounted = exchange.settings.mounted();
    let public = |own: &str| mounted.public_name(one.server, own);
    // One that cannot be asked for is left out, as a tool is.
    let entries = found
        .iter()
        .filter_map(|raw| Entry::prompt(raw, public).ok());
    Ok(entries.collect())
}
