//! The journeys, told once and run on every host: in memory, where time is told, and over HTTP.
//!
//! *Invariant:* a story never asks which host it is on.

mod bad_input;
mod code;
mod consent;
mod discovery;
mod documents;
mod identity;
mod outage;
mod pages;
mod processes;
mod prompt;
mod refresh;
mod remembered;
mod rotation;
mod sign_in;
mod truthful;
mod unknown_client;

use std::sync::LazyLock;

use harness::host::Host;
use harness::{HttpWeb, MemoryWeb, World, product};

use crate::POSTERN;

/// A host with the lifetimes that operators get.
pub(crate) static PATIENT: LazyLock<Host> = LazyLock::new(|| start(&product::options()));

/// A host on which little lives long, for stories in which time passes.
static HASTY: LazyLock<Host> = LazyLock::new(|| start(&product::hasty(product::options())));

pub(crate) fn start(options: &harness::host::Options) -> Host {
    Host::start(POSTERN, options).unwrap()
}

pub(crate) fn web(host: &Host) -> HttpWeb {
    HttpWeb::new(format!("http://localhost:{}", host.address().port()))
}

pub(crate) async fn in_memory() -> World<MemoryWeb> {
    World::new(MemoryWeb::new().await).await
}

pub(crate) async fn on_a_patient_host() -> World<HttpWeb> {
    World::new(web(&PATIENT)).await
}

pub(crate) async fn on_a_hasty_host() -> World<HttpWeb> {
    World::new(web(&HASTY).with_lifetimes(product::HASTY)).await
}

/// Runs stories in memory and over HTTP, on the host that is named.
macro_rules! everywhere {
    ($host:ident: $($story:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $story() {
                super::$story(crate::flows::in_memory().await).await;
            })*
        }
        mod over_http {
            $(#[tokio::test]
            async fn $story() {
                super::$story(crate::flows::$host().await).await;
            })*
        }
    };
}
pub(crate) use everywhere;
