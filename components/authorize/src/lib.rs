//! `GET /authorize` and `POST /consent`: who asks, and whether the person agrees.
//!
//! *Invariant:* it stores nothing and calls nobody; it seals a pending sign-in, and can make neither a
//! code nor a token.
#![cfg(target_family = "wasm")]

use authorization_server::BODY_LIMIT;
use authorization_server::authorize::{self, Settings};
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
        authorize::handle,
    )
    .await
}
