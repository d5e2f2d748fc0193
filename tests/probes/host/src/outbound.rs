//! Requests to the URL in the query, chained or outbound.
//!
//! *Invariant:* no URL is refused here; refusing is the host's part.

use http::Request as Outbound;
use serde_json::json;
use spin_sdk::{
    http::{EmptyBody, Error, IntoRequest, Request, body::IncomingBodyExt},
    wasip3::http::client,
};

use crate::answer::{self, Answer};

/// The answer from the URL as JSON, or the host's error code.
pub(crate) async fn fetch(request: &Request) -> Answer {
    let response = match spin_sdk::http::send(outbound(request)?).await {
        Ok(response) => response,
        Err(code) => return answer::json(&json!({ "error": format!("{code:?}") })),
    };
    let (parts, body) = response.into_parts();
    let headers: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let body = match body.bytes().await {
        Ok(bytes) => bytes,
        Err(code) => return answer::json(&json!({ "error": format!("{code:?}") })),
    };
    answer::json(&json!({
        "status": parts.status.as_u16(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
}

/// The answer from the URL as it is, body and all, without a copy in the guest.
pub(crate) async fn forward(request: &Request) -> Answer {
    Ok(client::send(outbound(request)?.into_request()?).await?)
}

fn outbound(request: &Request) -> Result<Outbound<EmptyBody>, Error> {
    let url = answer::parameter(request, "url").unwrap_or_default();
    let mut outbound = Outbound::get(url);
    for name in ["authorization", "spin-client-addr"] {
        if let Some(value) = request.headers().get(name) {
            outbound = outbound.header(name, value);
        }
    }
    Ok(outbound.body(EmptyBody::new())?)
}
