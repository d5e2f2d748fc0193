//! The gateway: one MCP request, from bearer to answer.
//!
//! *Invariant:* nobody learns which tools there are before a token of ours has been verified, no
//! tool is called that policy does not allow, and a client's token goes no further than here.

mod answer;
mod assertion;
mod bearer;
mod bounded;
mod chained;
mod configuration;
mod exchange;
mod message;
mod mounted;
mod origin;
mod refusal;
mod settings;
mod tools;

use bytes::Bytes;
use host::{Answer, Audit, Clock, Marks, Servers, Toolset};
use http::{HeaderMap, Method, Request, header};

use crate::exchange::Exchange;
use crate::refusal::HttpRefused;

pub use assertion::{Assertion, AssertionRefused};
pub use configuration::{Configuration, ConfigurationRefused};
pub use mounted::{Mounted, Place, Server};
pub use origin::OriginsRefused;
pub use settings::{Settings, SettingsRefused};

/// Where the MCP endpoint is.
const PATH: &str = "/mcp";

/// `POST /mcp`.
pub async fn handle<H>(
    host: &H,
    settings: &Settings,
    request: Request<Bytes>,
) -> Answer<H::Forwarded>
where
    H: Audit + Clock + Marks + Servers + Toolset,
{
    let mut readable_by = HeaderMap::new();
    let answer = in_order(host, settings, &request, &mut readable_by).await;
    let answer = answer.unwrap_or_else(|refused| Answer::Made(refused.answer(&request)));
    answer::with_headers(answer, readable_by)
}

/// The order of the checks (design, The two journeys, Call); each needs what the one before found.
async fn in_order<H>(
    host: &H,
    settings: &Settings,
    request: &Request<Bytes>,
    readable_by: &mut HeaderMap,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Marks + Servers + Toolset,
{
    let server = settings.reached_by(request)?;
    *readable_by = settings.origins().check(request.headers(), &server)?;
    if *request.method() == Method::OPTIONS {
        return Ok(Answer::Made(origin::preflight(request.headers())));
    }
    if request.uri().path() != PATH {
        return Err(HttpRefused::Path);
    }
    if *request.method() != Method::POST {
        return Err(HttpRefused::Method);
    }
    let caller = bearer::authenticate(host, settings, &server, request.headers()).await;
    let caller = caller.map_err(|reason| HttpRefused::Bearer(reason, server.clone()))?;
    if !is_json(request.headers()) {
        return Err(mcp::Refused::MediaType.into());
    }
    let exchange = Exchange {
        host,
        settings,
        server: &server,
        caller: &caller,
        headers: request.headers(),
        body: request.body(),
    };
    message::answer(&exchange).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    let essence = text.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests;
