//! A server's answer for a client that takes one text and nothing before it.
//!
//! *Invariant:* what is said on the way is dropped, and what is asked is refused.

use host::Servers;
use mcp::{Refused, Reply, RequestId, results};

use super::hearing::Saying;
use super::leg::{Leg, answered};

/// The response.
pub(crate) async fn whole<H: Servers>(host: &H, leg: Leg<H::Forwarded>) -> Vec<u8> {
    let id = leg.id.clone();
    let response = response(host, leg).await;
    response.unwrap_or_else(|refused| mcp::error(RequestId::read(&id), &refused))
}

async fn response<H: Servers>(host: &H, leg: Leg<H::Forwarded>) -> Result<Vec<u8>, Refused> {
    let (server, id) = (leg.server.clone(), leg.id.clone());
    let mut hearing = leg.hear(host).await?;
    let response = loop {
        if let Saying::Response(response) = hearing.next().await? {
            break response;
        }
    };
    let id = RequestId::read(&id).ok_or(Refused::IdMalformed)?;
    let answered = |reason| answered(&server, reason);
    Ok(match Reply::read(&response, id).map_err(answered)? {
        Reply::Result(result) => mcp::result(id, &results::to_legacy(result).map_err(answered)?),
        reply @ Reply::Error(_) => reply.write(id),
    })
}
