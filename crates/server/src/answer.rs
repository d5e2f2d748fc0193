//! One request, and its one response.
//!
//! *Invariant:* a method that may not ask has no way to: it never sees a `Context`.

mod asking;
mod tasks;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use host::{Clock, Entropy, Streams, Unavailable};
use http::{HeaderValue, Response, StatusCode, header};
use mcp::{Era, Refused, Revision};
use serde_json::{Map, Value};

use crate::method::Method;
use crate::outbox::Outbox;
use crate::results::{DISCOVERY_TTL, Discovered, LIST_TTL, Listed, Said};
use crate::settings::Shared;
use crate::wanted::Wanted;
use crate::{Completed, Completing, Completion, Server};

pub(crate) use asking::outcome;

/// The specification's limit (2026-07-28, Completion).
const MOST_COMPLETIONS: usize = 100;

/// A response.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Written {
    pub(crate) fn response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// Answers a request.
pub(crate) async fn answer<H, S>(
    shared: Arc<Shared<S>>,
    host: H,
    wanted: Wanted,
    outbox: Outbox,
) -> Written
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let said = if wanted.method.may_ask() {
        asking::answer(&shared, host, &wanted, outbox).await
    } else if wanted.method.is_of_a_task() {
        tasks::answer(&shared, &host, &wanted).await
    } else {
        listed(&shared.server, &host, &wanted).await
    };
    said.map_or_else(
        |refused| Written {
            status: refused.status(Era::Modern),
            body: wanted.id.error(&refused),
        },
        |body| Written {
            status: StatusCode::OK,
            body,
        },
    )
}

/// What needs no more than to know who asks.
async fn listed<H, S: Server<H>>(
    server: &S,
    host: &H,
    wanted: &Wanted,
) -> Result<Vec<u8>, Refused> {
    let calling = &wanted.calling;
    let listed = match wanted.method {
        Method::Complete => {
            let completion = server
                .complete(host, calling, &completing(&wanted.params)?)
                .await;
            let said = Listed::Completion(bounded(completion.map_err(unavailable)?));
            return Ok(wanted
                .id
                .result(&Said::complete(server.implementation(), said)));
        }
        Method::Discover => return Ok(discovered(server, wanted)),
        Method::PromptsList => server.prompts(host, calling).await.map(Listed::Prompts),
        Method::ResourcesList => server.resources(host, calling).await.map(Listed::Resources),
        Method::TemplatesList => {
            let templates = server.templates(host, calling).await;
            templates.map(Listed::ResourceTemplates)
        }
        Method::ToolsList => server.tools(host, calling).await.map(Listed::Tools),
        Method::Listen
        | Method::PromptsGet
        | Method::ResourcesRead
        | Method::TasksCancel
        | Method::TasksGet
        | Method::TasksUpdate
        | Method::ToolsCall => {
            return Err(Refused::Failed("answers this method elsewhere"));
        }
    };
    let listed = listed.map_err(unavailable)?;
    // Every list has one page, so no cursor was ever given out.
    if wanted.params.contains_key("cursor") {
        return Err(Refused::CursorUnknown);
    }
    let said = Said::complete(server.implementation(), listed).kept(LIST_TTL);
    Ok(wanted.id.result(&said))
}

fn discovered<H, S: Server<H>>(server: &S, wanted: &Wanted) -> Vec<u8> {
    let discovered = Discovered {
        supported_versions: [Revision::V2026_07_28],
        capabilities: server.offered().capabilities(),
        instructions: server.instructions(),
    };
    let said = Said::complete(server.implementation(), discovered).kept(DISCOVERY_TTL);
    wanted.id.result(&said)
}

fn completing(params: &Map<String, Value>) -> Result<Completing, Refused> {
    let text = |of: &str, key: &str| -> Option<String> {
        let text = params.get(of)?.get(key)?.as_str()?;
        Some(text.to_owned())
    };
    let of = match text("ref", "type").as_deref() {
        Some("ref/prompt") => text("ref", "name").map(Completed::Prompt),
        Some("ref/resource") => text("ref", "uri").map(Completed::Template),
        _ => None,
    };
    let others = params
        .get("context")
        .and_then(|context| context.get("arguments"));
    let others = others.and_then(Value::as_object).into_iter().flatten();
    let others: BTreeMap<String, String> = others
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    Ok(Completing {
        of: of.ok_or(Refused::ParamMissing("ref.name"))?,
        argument: text("argument", "name").ok_or(Refused::ParamMissing("argument.name"))?,
        typed: text("argument", "value").ok_or(Refused::ParamMissing("argument.value"))?,
        others,
    })
}

fn bounded(mut completion: Completion) -> Completion {
    completion.has_more |= completion.values.len() > MOST_COMPLETIONS;
    completion.values.truncate(MOST_COMPLETIONS);
    completion
}

fn unavailable(Unavailable: Unavailable) -> Refused {
    Refused::Failed("cannot answer right now")
}
