//! `POST /mcp`.
//!
//! *Invariant:* it holds no key that makes a token, and calls no tool for somebody without one.
#![cfg(target_family = "wasm")]

use gateway::Settings;
use host_spin::{Door, Once, serve_or_forward};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static SETTINGS: Once<Settings> = Once::new();

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve_or_forward(
        request,
        Door::from(0),
        &SETTINGS,
        Settings::read,
        gateway::handle,
    )
    .await
}
