//! What an instance has found out of a server lately.
//!
//! *Invariant:* it is remembered by the credential that it was found with, since servers may show
//! different people different things, and for a minute at most.

use std::time::Duration;

use configuration::Server;
use host::{Bounded, Clock};
use oauth::Timestamp;

use crate::exchange::Exchange;

/// A server that changes what it offers is believed so long to offer it still.
const KEPT: Duration = Duration::from_mins(1);

/// Finds, by credential and server.
#[derive(Debug)]
pub(crate) struct Finds<T>(Bounded<(String, String), (Timestamp, T)>);

impl<T: Clone> Finds<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(Bounded::new(capacity))
    }

    pub(crate) fn recall<H: Clock>(
        &self,
        exchange: &Exchange<'_, H>,
        server: &Server,
    ) -> Option<T> {
        let (at, found) = self.0.recall(&key(exchange, server))?;
        let now = exchange.host.now();
        (at <= now && now.since(at) < KEPT).then_some(found)
    }

    pub(crate) fn remember<H: Clock>(&self, exchange: &Exchange<'_, H>, server: &Server, found: T) {
        let found = (exchange.host.now(), found);
        self.0.remember(key(exchange, server), found);
    }
}

fn key<H>(exchange: &Exchange<'_, H>, server: &Server) -> (String, String) {
    (exchange.caller.id.clone(), server.name.clone())
}
