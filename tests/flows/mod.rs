//! The journeys, told once and run on every host: in memory, where time is told, and over HTTP.
//!
//! *Invariant:* a story never asks which host it is on.

mod bad_input;
pub(crate) mod behind;
mod caller;
mod code;
mod confidential;
mod consent;
mod cors;
pub(crate) mod credentials;
mod discovery;
mod documents;
mod identity;
mod idleness;
mod introspection;
mod metadata;
mod offline;
mod outage;
mod pages;
mod processes;
mod prompt;
pub(crate) mod providers;
mod refresh;
mod relay;
mod remembered;
mod repeated;
mod resources;
mod revocation;
mod rotation;
mod seeds;
mod services;
mod sessions;
mod sign_in;
mod sse;
mod stores;
mod sweep;
mod taken_over;
mod truthful;
mod unknown_client;

use std::sync::LazyLock;

use harness::confidential::{VARIABLE, variable};
use harness::host::Host;
use harness::{HttpWeb, MemoryWeb, World, product};

use crate::POSTERN;

pub(crate) use behind::{in_a_memory_with_servers, on_a_host_with_servers};
pub(crate) use credentials::{
    in_a_guarded_memory, in_an_open_memory, on_a_guarded_host, on_an_open_host,
};
pub(crate) use relay::{in_a_speaking_memory, on_a_speaking_host};

/// A host with the lifetimes that operators get.
pub(crate) static PATIENT: LazyLock<Host> = LazyLock::new(|| start(&product::options()));

/// A host on which little lives long, for stories in which time passes.
static HASTY: LazyLock<Host> = LazyLock::new(|| start(&product::hasty(product::options())));

/// A host whose operator wrote clients down, and on which a theft shows after moments.
static STAFFED: LazyLock<Host> = LazyLock::new(|| start(&product::wary(staffed())));

/// With clients that the operator wrote down.
fn staffed() -> harness::host::Options {
    product::options().variable(VARIABLE, variable())
}

pub(crate) fn start(options: &harness::host::Options) -> Host {
    Host::start(POSTERN, options).unwrap()
}

pub(crate) fn web(host: &Host) -> HttpWeb {
    HttpWeb::new(format!("http://localhost:{}", host.address().port()))
}

pub(crate) async fn in_memory() -> World<MemoryWeb> {
    World::new(staffed_memory().await).await
}

async fn in_memory_with(variables: &[(&str, &str)], configuration: &str) -> World<MemoryWeb> {
    World::new(MemoryWeb::operated(variables, configuration).await).await
}

pub(crate) async fn on_a_patient_host() -> World<HttpWeb> {
    World::new(web(&PATIENT)).await
}

pub(crate) async fn on_a_hasty_host() -> World<HttpWeb> {
    World::new(web(&HASTY).with_lifetimes(product::HASTY)).await
}

async fn on_a_staffed_host() -> World<HttpWeb> {
    World::new(staffed_web()).await
}

/// The host whose operator wrote clients down.
pub(crate) fn staffed_web() -> HttpWeb {
    web(&STAFFED).with_lifetimes(product::wary_lifetimes())
}

/// The same in memory.
pub(crate) async fn staffed_memory() -> MemoryWeb {
    let clients = variable();
    let variables = [(VARIABLE, clients.as_str())];
    MemoryWeb::operated(&variables, include_str!("../../postern.toml")).await
}

/// Runs stories in memory and over HTTP, on the host that is named.
macro_rules! everywhere {
    ($host:ident: $($story:ident),* $(,)?) => {
        crate::flows::everywhere!($host or in_memory: $($story),*);
    };
    ($host:ident or $memory:ident: $($story:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $story() {
                super::$story(crate::flows::$memory().await).await;
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
