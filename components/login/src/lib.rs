//! `/login/<provider>` and `/callback/<provider>`: a person proves who they are.
//!
//! *Invariant:* it vouches for the people of its own provider and nobody else's; the code comes from
//! `token`.
#![cfg(target_family = "wasm")]

use authorization_server::login::{self, Settings};
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
        login::handle,
    )
    .await
}
