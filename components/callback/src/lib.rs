//! `/callback`: the way back from every identity provider.
//!
//! *Invariant:* it holds no key and no secret, and reaches nobody but the providers' components.
#![cfg(target_family = "wasm")]

use authorization_server::callback::{self, Settings};
use authorization_server::door;
use host_spin::{Door, Once, serve_or_forward};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

static SETTINGS: Once<Settings> = Once::new();

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    serve_or_forward(
        request,
        Door::new(0, door::page),
        &SETTINGS,
        Settings::read,
        callback::handle,
    )
    .await
}
