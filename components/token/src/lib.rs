//! `POST /token`, and privately where a grant begins.
//!
//! *Invariant:* nowhere else is a code or a token made.
#![cfg(target_family = "wasm")]

use authorization_server::BODY_LIMIT;
use authorization_server::token::{self, Settings};
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
        token::handle,
    )
    .await
}
