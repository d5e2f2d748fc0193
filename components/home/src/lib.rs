//! The component `home`: the front door and `/health`.
//!
//! *Invariant:* it answers `/health` whatever its settings lack, and has no store and no host;
//! `dev_key` tells it where it is.
#![cfg(target_family = "wasm")]

use std::convert::Infallible;

use host::{Clock as _, Variables as _};
use host_spin::{Once, Served, SpinHost, serve};
use oauth::{Identities, IdentityRefused};
use spin_sdk::http::Request;

/// No request to this component needs a body; one that has a small one still hears about methods.
const LIMIT: usize = 8 * 1024;

/// A refusal is a setting like any other here: it is what `/` has to tell.
static IDENTITIES: Once<Result<Identities, IdentityRefused>> = Once::new();

#[spin_sdk::http_service]
async fn home(request: Request) -> Served {
    serve(
        request,
        LIMIT,
        &IDENTITIES,
        async |host| Ok::<_, Infallible>(identities(host).await),
        async |host, identities, request| pages::home::handle(host.now(), identities, &request),
    )
    .await
}

async fn identities(host: &SpinHost) -> Result<Identities, IdentityRefused> {
    let public_url = host.variable("public_url").await;
    let dev_key = host.variable("dev_key").await;
    let (Ok(public_url), Ok(dev_key)) = (public_url, dev_key) else {
        return Err(IdentityRefused::Unreadable);
    };
    Identities::read(public_url.as_deref(), dev_key.as_deref())
}
