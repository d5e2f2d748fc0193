//! The gateway: one MCP request, from credential to answer.
//!
//! *Invariant:* nobody learns which tools there are before a credential has been verified, unless
//! an operator wrote that none is needed; no tool is called that policy does not allow, and a
//! client's credential goes no further than here.

mod answer;
mod assertion;
mod bearer;
mod chained;
mod conversation;
mod credentials;
mod endpoint;
mod exchange;
mod features;
mod found;
mod listen;
mod listing;
mod message;
mod origin;
mod prompts;
mod questions;
mod refusal;
mod relay;
mod resources;
mod session;
mod settings;
mod shown;
mod sse;
mod streamable;
pub mod streams;
mod tools;

use host::{
    Answer, Audit, Body, BodyRefused, Cache, Chain, Clock, Entropy, Mailbox, Marks, Questions,
    Servers, Streams, Toolset,
};
use http::{HeaderMap, Method, Request, header};

use crate::endpoint::Endpoint;
use crate::exchange::Exchange;
use crate::refusal::{Asking, HttpRefused};
use crate::relay::Reply;

pub use credentials::TakenRefused;
pub use origin::OriginsRefused;
pub use settings::{Settings, SettingsRefused};

/// Messages are small; what is large belongs into a resource.
const BODY_LIMIT: usize = 4 << 20;

/// `POST /mcp`, and what clients of the older transport ask for.
pub async fn handle<H, B>(
    host: &H,
    settings: &Settings,
    request: Request<B>,
) -> Answer<H::Forwarded>
where
    H: Audit + Cache + Chain + Clock + Entropy + Mailbox + Marks,
    H: Questions + Servers + Streams + Toolset,
    B: Body,
{
    let mut readable_by = HeaderMap::new();
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, ());
    let answer = in_order(host, settings, (&request, body), &mut readable_by).await;
    let answer = answer.unwrap_or_else(|refused| Answer::Made(refused.answer(&request)));
    answer::with_headers(answer, readable_by)
}

/// The order of the checks (design, The two journeys, Call); each needs what the one before found.
async fn in_order<H, B>(
    host: &H,
    settings: &Settings,
    asked: (&Request<()>, B),
    readable_by: &mut HeaderMap,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Cache + Chain + Clock + Entropy + Mailbox + Marks,
    H: Questions + Servers + Streams + Toolset,
    B: Body,
{
    let (request, body) = asked;
    let server = settings.reached_by(request)?;
    *readable_by = settings.origins().check(request.headers(), &server)?;
    if *request.method() == Method::OPTIONS {
        return Ok(Answer::Made(origin::preflight(request.headers())));
    }
    let endpoint = Endpoint::of(request)?;
    let resource = server.resource_at(endpoint.resource());
    let resource = resource.ok_or(HttpRefused::Path)?;
    let at = (&server, &resource);
    let caller = credentials::authenticate(host, settings, at, request.headers()).await;
    let asking = || Asking::new(&server, &resource);
    let caller = caller.map_err(|reason| HttpRefused::Credential(reason, asking()))?;
    let at = (&server, &resource);
    match endpoint {
        Endpoint::Stream => return sse::open(host, settings, at, &caller).await,
        Endpoint::End { .. } => {
            let whose = (&resource, &*caller);
            return streamable::end(host, settings, whose, request.headers()).await;
        }
        Endpoint::Rest { .. } => {
            return streamable::rest(host, settings, at, (&*caller, request.headers())).await;
        }
        Endpoint::Answer { .. } | Endpoint::Message => {}
    }
    if !is_json(request.headers()) {
        return Err(mcp::Refused::MediaType.into());
    }
    if announced(request.headers()).is_some_and(|length| length > BODY_LIMIT) {
        return Err(BodyRefused::TooLarge.into());
    }
    let body = body.whole(BODY_LIMIT).await?;
    let exchange = Exchange {
        host,
        settings,
        server: &server,
        resource: &resource,
        caller: &caller,
        headers: request.headers(),
        body: &body,
        conversation: None,
        reply: Reply::Here,
        resumed: None,
    };
    if endpoint == Endpoint::Message {
        sse::post(exchange, request.uri().query()).await
    } else {
        streamable::post(exchange).await
    }
}

/// What a request says of its body's length.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    let essence = text.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests;
