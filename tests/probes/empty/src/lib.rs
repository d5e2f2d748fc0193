//! An empty 200 with a length: what a request costs before any of our code runs.
//!
//! *Invariant:* it reads nothing of the request and keeps nothing.
#![cfg(target_family = "wasm")]

use http::{HeaderValue, Response, header::CONTENT_LENGTH};
use spin_sdk::http::{EmptyBody, Request};

#[spin_sdk::http_service]
async fn answer(_request: Request) -> Response<EmptyBody> {
    let mut response = Response::new(EmptyBody::new());
    // Without a length Spin sends the end of the body in a segment of its own, 40 ms late.
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}
