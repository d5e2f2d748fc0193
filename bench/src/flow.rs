//! What can be done once only, and therefore is done one after the other.
//!
//! *Invariant:* every step is the harness's, so a journey here is the journey of the tests.

use harness::browser::Browser;
use harness::client::Tokens;
use harness::{HttpWeb, World};

use crate::measure::{Latencies, Turn, Unmeasured, latencies, record};

/// A client refreshes each of its grants so often, far below what would be a storm.
const REFRESHES: usize = 8;

/// A person, a client, and the grants that the client may still refresh.
pub(crate) struct Flows {
    world: World<HttpWeb>,
    grants: Vec<Tokens>,
}

impl Flows {
    /// Signs in once, and has the tokens too.
    pub(crate) async fn new(issuer: String) -> (Self, Tokens) {
        let world = World::new(HttpWeb::new(issuer)).await;
        let tokens = world.tokens("ada").await;
        let grants = Vec::new();
        (Self { world, grants }, tokens)
    }

    /// The person signs in: authorization request, consent, dev login, callback, code and token.
    pub(crate) async fn sign_in(&mut self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut latencies = latencies()?;
        while !turn.is_over() {
            self.world.browser = Browser::default();
            let tokens = record(&mut latencies, self.world.tokens("ada")).await;
            self.grants.push(tokens);
        }
        Ok(latencies)
    }

    /// The client goes on with the grants of the sign-ins before, each time with the newest token.
    pub(crate) async fn refresh(&mut self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut latencies = latencies()?;
        while let Some(mut tokens) = self.grants.pop() {
            for _ in 0..REFRESHES {
                if turn.is_over() {
                    self.grants.clear();
                    break;
                }
                let refreshed = self.world.client.refresh(&self.world.web, &tokens.refresh);
                tokens = Tokens::read(&record(&mut latencies, refreshed).await);
            }
        }
        Ok(latencies)
    }
}
