//! What can be done once only, and therefore is done one after the other.
//!
//! *Invariant:* every step is the harness's, so a journey here is the journey of the tests.

use harness::browser::Browser;
use harness::client::Tokens;
use harness::{HttpWeb, World};
use http::header;
use vendors::Vendor;

use crate::measure::{Latencies, Turn, Unmeasured, latencies, record};

/// A client refreshes each of its grants so often, far below what would be a storm.
const REFRESHES: usize = 8;

/// A person, a client, and the grants that the client may still refresh.
pub(crate) struct Flows<'a> {
    world: World<HttpWeb>,
    vendor: &'a Vendor,
    grants: Vec<Tokens>,
}

impl<'a> Flows<'a> {
    /// Signs in once, and has the tokens too.
    pub(crate) async fn new(issuer: String, vendor: &'a Vendor) -> (Self, Tokens) {
        let world = World::new(HttpWeb::new(issuer)).await;
        let tokens = world.tokens("ada").await;
        let grants = Vec::new();
        let flows = Self {
            world,
            vendor,
            grants,
        };
        (flows, tokens)
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

    /// The same with a provider instead of the dev login: `/authorize`, `/consent`,
    /// `/login/<provider>`, `/callback` and `/token`.
    pub(crate) async fn by_provider(&mut self, turn: Turn) -> Result<Latencies, Unmeasured> {
        let mut latencies = latencies()?;
        while !turn.is_over() {
            self.world.browser = Browser::default();
            let tokens = record(&mut latencies, self.tokens_by_provider()).await;
            self.grants.push(tokens?);
        }
        Ok(latencies)
    }

    async fn tokens_by_provider(&self) -> Result<Tokens, Unmeasured> {
        let World {
            web,
            browser,
            client,
        } = &self.world;
        let consent = self.world.ask().await.form("/consent");
        let there = browser
            .submit(web, &consent, ("provider", self.vendor.kind().id()))
            .await;
        let returned = self.vendor.visit(there.url.as_str());
        let location = returned.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let location = location.ok_or(Unmeasured::Step("the provider sent nobody back"))?;
        let back = browser.open(web, location).await;
        let code = back.parameter("code");
        let code = code.ok_or(Unmeasured::Step("the callback gave no code"))?;
        Ok(Tokens::read(&client.exchange(web, &code).await))
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
