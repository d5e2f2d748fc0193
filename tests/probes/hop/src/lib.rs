//! What chaining alone costs: a request to another component, its answer passed on as it came.
//! `GET` asks `empty` without a body, `POST` hands its own body to the MCP server `server`.
//!
//! *Invariant:* it copies nothing of a body.
#![cfg(target_family = "wasm")]

use http::header::CONTENT_TYPE;
use http::{Method, Request as Outbound};
use spin_sdk::http::{EmptyBody, Error, IntoRequest, Request};
use spin_sdk::wasip3::http::{client, types::Response};

#[spin_sdk::http_service]
async fn hop(request: Request) -> Result<Response, Error> {
    let outbound = if *request.method() == Method::POST {
        let outbound = Outbound::post("http://server.spin.internal/mcp");
        let outbound = outbound.header(CONTENT_TYPE, "application/json");
        outbound.body(request.into_body())?.into_request()?
    } else {
        let outbound = Outbound::get("http://empty.spin.internal/");
        outbound.body(EmptyBody::new())?.into_request()?
    };
    Ok(client::send(outbound).await?)
}
