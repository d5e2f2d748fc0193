//! What can be done once only, and therefore is done one after the other.
//!
//! *Invariant:* every step is the harness's, so a journey here is the journey of the tests.

use harness::browser::Browser;
use harness::client::{Client, Tokens};
use harness::{HttpWeb, Web as _, World};

use crate::measure::{Latencies, Turn, Unmeasured, latencies, record};

/// A person signs in: authorization request, consent, dev login, callback, code and token.
pub(crate) struct SignIn {
    world: World<HttpWeb>,
}

impl SignIn {
    pub(crate) const fn new(world: World<HttpWeb>) -> Self {
        Self { world }
    }

    pub(crate) async fn during(&mut self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut latencies = latencies()?;
        while !turn.is_over() {
            self.world.browser = Browser::default();
            record(&mut latencies, self.world.tokens("ada")).await;
        }
        Ok(latencies)
    }
}

/// A client goes on with its grant, each time with the newest token.
pub(crate) struct Refresh {
    web: HttpWeb,
    client: Client,
    tokens: Tokens,
}

impl Refresh {
    pub(crate) fn new(world: &World<HttpWeb>, tokens: Tokens) -> Self {
        Self {
            web: HttpWeb::new(world.web.issuer()),
            client: world.client.clone(),
            tokens,
        }
    }

    pub(crate) async fn during(&mut self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut latencies = latencies()?;
        while !turn.is_over() {
            let refreshed = self.client.refresh(&self.web, &self.tokens.refresh);
            self.tokens = Tokens::read(&record(&mut latencies, refreshed).await);
        }
        Ok(latencies)
    }
}
