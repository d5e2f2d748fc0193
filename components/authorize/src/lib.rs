//! `GET /authorize` and `POST /consent`: who asks, and whether the person agrees.
//!
//! *Invariant:* it writes nothing and calls nobody; it seals a pending sign-in, and can make neither a
//! code nor a token nor a session.
#![cfg(target_family = "wasm")]

use authorization_server::authorize::{self, Settings};
use authorization_server::{BODY_LIMIT, door};
use host_spin::{Door, Once, Served, serve};
use spin_sdk::http::Request;
use spin_sdk::http_service;

static SETTINGS: Once<Settings> = Once::new();

#[http_service]
async fn handle(request: Request) -> Served {
    serve(
        request,
        Door::new(BODY_LIMIT, door::page),
        &SETTINGS,
        Settings::read,
        authorize::handle,
    )
    .await
}
