//! `POST /register`: dynamic client registration.
//!
//! *Invariant:* nothing is stored: the id that a client gets is its registration, signed.
#![cfg(target_family = "wasm")]

use authorization_server::BODY_LIMIT;
use authorization_server::register::{self, Settings};
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
        register::handle,
    )
    .await
}
