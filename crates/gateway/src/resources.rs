//! `resources/list`, `resources/templates/list` and `resources/read` over every mounted server.
//!
//! *Invariant:* a URI is passed on as it is, to one server: the first that lists it or has a
//! template for it, among those whose resources this person may have.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use host::{Audit, Clock, Servers, Streams};
use mcp::results::EntryList;
use mcp::{Entry, Era, Method, Refused, Request, may_be_of_template};

use crate::chained::{self, Passing};
use crate::exchange::Exchange;
use crate::features::{self, Offering};
use crate::listing;
use crate::message::Said;
use crate::settings::SERVER;

const RESOURCES: (Method, &str, &str) = (Method::ResourcesList, "resources", "uri");
const TEMPLATES: (Method, &str, &str) = (Method::TemplatesList, "resourceTemplates", "uriTemplate");

/// What one server has.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    uris: BTreeSet<String>,
    templates: Vec<String>,
}

/// The resources, or the templates, of all servers that this person may have.
pub(crate) async fn list<H: Audit + Clock + Servers>(
    exchange: &Exchange<'_, H>,
    (method, era): (Method, Era),
    request: &Request<'_>,
) -> Result<Vec<u8>, Refused> {
    let kind = if method == TEMPLATES.0 {
        TEMPLATES
    } else {
        RESOURCES
    };
    let mut offering = features::offering(exchange, method).await?;
    listing::one_page(request)?;
    offering.retain(|one| features::may_read(exchange, one.server));
    let found = join_all(offering.iter().map(|one| of_server(exchange, one, kind))).await;
    let lists = listing::of_who_answers(exchange, found)?;
    // What two servers list is read from the first.
    let mut seen = BTreeSet::new();
    let entries = lists.iter().flatten();
    let listed = entries.filter(|entry| seen.insert(entry.id()));
    let list = if kind == TEMPLATES {
        EntryList::templates(era, SERVER, listed)
    } else {
        EntryList::resources(era, SERVER, listed)
    };
    Ok(mcp::result(request.id, &list))
}

/// Reads one resource.
pub(crate) async fn read<H: Audit + Clock + Servers + Streams>(
    exchange: &Exchange<'_, H>,
    era: Era,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, Refused> {
    let offering = features::offering(exchange, Method::ResourcesRead).await?;
    let uri = request.params.uri().ok_or(Refused::ParamMissing("uri"))?;
    let one = owner(exchange, &offering, &uri).await?;
    let mut passing = Passing::unchanged(request, Method::ResourcesRead, era);
    passing.about = Some(&uri);
    chained::pass(exchange, one.target, passing).await
}

/// The server that has a resource or a template: the only one, or who lists it.
pub(crate) async fn owner<'a, 'b, H: Audit + Clock + Servers>(
    exchange: &Exchange<'_, H>,
    offering: &'b [Offering<'a>],
    uri: &str,
) -> Result<&'b Offering<'a>, Refused> {
    let mine = offering.iter().filter(|one| {
        one.capabilities.resources.is_some() && features::may_read(exchange, one.server)
    });
    let mine: Vec<&Offering<'_>> = mine.collect();
    if let [one] = mine.as_slice() {
        return Ok(one);
    }
    let found = mine.iter().map(|one| async move {
        let holdings = holdings(exchange, one).await?;
        Ok((*one, holdings))
    });
    let found = listing::of_who_answers(exchange, join_all(found).await)?;
    let listed = found.iter().find(|(_, holdings)| holdings.lists(uri));
    let made = || found.iter().find(|(_, holdings)| holdings.may_make(uri));
    let unknown = || Refused::ResourceUnknown(uri.to_owned());
    listed
        .or_else(made)
        .map(|(one, _)| *one)
        .ok_or_else(unknown)
}

async fn holdings<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    one: &Offering<'_>,
) -> Result<Arc<Holdings>, Refused> {
    let finds = &exchange.settings.memory().holdings;
    if let Some(found) = finds.recall(exchange, one.server) {
        return Ok(found);
    }
    let ids = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.id().to_owned());
    let found = Arc::new(Holdings {
        uris: ids(of_server(exchange, one, RESOURCES).await?).collect(),
        // Not every server that has resources has templates of them.
        templates: ids(of_server(exchange, one, TEMPLATES)
            .await
            .unwrap_or_default())
        .collect(),
    });
    finds.remember(exchange, one.server, Arc::clone(&found));
    Ok(found)
}

impl Holdings {
    fn lists(&self, uri: &str) -> bool {
        self.uris.contains(uri) || self.templates.iter().any(|template| template == uri)
    }

    fn may_make(&self, uri: &str) -> bool {
        let mut templates = self.templates.iter();
        templates.any(|template| may_be_of_template(uri, template))
    }
}

async fn of_server<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    one: &Offering<'_>,
    (method, key, id): (Method, &'static str, &'static str),
) -> Result<Vec<Entry>, Refused> {
    let found = chained::list(exchange, one.target, (method, key)).await?;
    let entries = found.iter().filter_map(|raw| Entry::resource(raw, id).ok());
    Ok(entries.collect())
}
