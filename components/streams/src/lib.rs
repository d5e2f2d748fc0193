//! Streams that are held, privately for the gateway.
//!
//! *Invariant:* ordinary calls never come here, so that a held stream pins no instance of theirs.
#![cfg(target_family = "wasm")]

use gateway::streams::{self, BODY_LIMIT, Settings};
use host_spin::{BodyWriter, Once, serve_stream};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static SETTINGS: Once<Settings<BodyWriter>> = Once::new();

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve_stream(
        request,
        BODY_LIMIT,
        &SETTINGS,
        Settings::read,
        streams::handle,
    )
    .await
}
