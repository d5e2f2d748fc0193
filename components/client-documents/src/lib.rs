//! Private: fetches client documents and key sets for `authorize` and `token`.
//!
//! *Invariant:* this component, which may call any host, holds no store and no secret.
#![cfg(target_family = "wasm")]

use authorization_server::BODY_LIMIT;
use authorization_server::client_documents::{self, Settings};
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
        client_documents::handle,
    )
    .await
}
