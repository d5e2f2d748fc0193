//! `GET /.well-known/oauth-authorization-server`, `…/oauth-protected-resource`, `…/jwks.json`.
//!
//! *Invariant:* the only keys it verifies or shows are public; `dev_key` tells it where it is.
#![cfg(target_family = "wasm")]

use authorization_server::BODY_LIMIT;
use authorization_server::metadata::{self, Settings};
use host_spin::{Once, Served, serve};
use spin_sdk::http::Request;
use spin_sdk::http_service;

static SETTINGS: Once<Settings> = Once::new();

#[http_service]
async fn handle(request: Request) -> Served {
    serve(
        request,
        BODY_LIMIT,
        &SETTINGS,
        Settings::read,
        metadata::handle,
    )
    .await
}
