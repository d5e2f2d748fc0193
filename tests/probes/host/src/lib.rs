//! One component for the contract of the host: the last segment of the path selects a behaviour.
//!
//! *Invariant:* it reports what the host did and judges nothing; the tests do.
#![cfg(target_family = "wasm")]

mod answer;
mod grants;
mod instance;
mod key_value;
mod outbound;
mod request;
mod sql;
mod stream;
mod wake;

use spin_sdk::{
    http::{Error, Request},
    wasip3::http::types::Response,
};

#[spin_sdk::http_service]
async fn serve(request: Request) -> Result<Response, Error> {
    let action = request
        .uri()
        .path()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    match action.as_str() {
        "echo" => request::echo(request).await,
        "raw" => request::raw(request),
        "cookies" => request::cookies(),
        "fail" => Err(Error::other("the handler failed")),
        "key-value" => key_value::run(request).await,
        "sql" => sql::run(request).await,
        "fetch" => outbound::fetch(&request).await,
        "forward" => outbound::forward(&request).await,
        "variable" => grants::variable(&request).await,
        "read" => grants::read(&request),
        "write" => grants::write(&request),
        "environment" => grants::environment(),
        "count" => instance::count(),
        "together" => instance::together(&request).await,
        "wait" => instance::wait().await,
        "wake" => instance::wake().await,
        "panic-beside" => instance::panic_beside(),
        "hog" => instance::hog(&request),
        "slow" => instance::slow(&request).await,
        "events" => stream::events(&request),
        "flood" => stream::flood(&request),
        _ => answer::unknown(&action),
    }
}
