//! One request to `http://empty.spin.internal`, its answer passed on: what chaining alone costs.
//!
//! *Invariant:* it reads nothing of the request and copies nothing of the answer.
#![cfg(target_family = "wasm")]

use http::Request as Outbound;
use spin_sdk::http::{EmptyBody, Error, IntoRequest, Request};
use spin_sdk::wasip3::http::{client, types::Response};

#[spin_sdk::http_service]
async fn hop(_request: Request) -> Result<Response, Error> {
    let outbound = Outbound::get("http://empty.spin.internal/").body(EmptyBody::new())?;
    Ok(client::send(outbound.into_request()?).await?)
}
