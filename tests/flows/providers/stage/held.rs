//! A stage as a story holds it: a world, the vendors it stands among, and what the audit says.
//!
//! *Invariant:* stories on one host come one after the other, since they share its vendors.

use std::sync::Arc;
use std::time::Duration;

use harness::browser::Screen;
use harness::client::Tokens;
use harness::host::Host;
use harness::{HttpWeb, MemoryWeb, Web, World};
use serde_json::Value;
use tokio::sync::MutexGuard;
use vendors::Person;

use super::{Vendors, by_way_of};
use crate::attacks::claims;

/// The audit so far.
type Audit = Box<dyn Fn() -> Vec<Value>>;
/// Lets time pass for what is known of people.
type Later = Box<dyn Fn(Duration)>;

/// A world among vendors.
pub(crate) struct Stage<W> {
    pub(crate) world: World<W>,
    pub(crate) vendors: Arc<Vendors>,
    audit: Audit,
    later: Later,
    /// Nobody else is on this stage.
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Stage<MemoryWeb> {
    pub(crate) fn of((world, vendors): (World<MemoryWeb>, Arc<Vendors>)) -> Self {
        let (host, clocks) = (world.web.host().clone(), Arc::clone(&vendors));
        let events = host.clone();
        Self {
            world,
            vendors,
            audit: Box::new(move || {
                let events = events.events().into_iter();
                events
                    .map(|event| serde_json::to_value(event).unwrap())
                    .collect()
            }),
            later: Box::new(move |time| {
                host.advance(time);
                clocks.pass(time);
            }),
            _alone: None,
        }
    }
}

impl Stage<HttpWeb> {
    pub(crate) fn over_http(
        world: World<HttpWeb>,
        (vendors, alone): (Arc<Vendors>, MutexGuard<'static, ()>),
        host: &'static Host,
    ) -> Self {
        Self {
            world,
            vendors,
            audit: Box::new(|| {
                let printed = host.output();
                // Before its words a host may put its own.
                let events = printed
                    .lines()
                    .filter_map(|line| line.split_once("{\"event\""));
                events
                    .filter_map(|(_, event)| {
                        serde_json::from_str(&format!("{{\"event\"{event}")).ok()
                    })
                    .collect()
            }),
            later: Box::new(|time| aged(host, time)),
            _alone: Some(alone),
        }
    }
}

/// Time cannot be told over HTTP, so what is known of people is made as old as it would be.
pub(crate) fn aged(host: &Host, time: Duration) {
    let database = rusqlite::Connection::open(host.state_dir().join("sqlite_db.db")).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    let millis = i64::try_from(time.as_millis()).unwrap();
    let aged = "UPDATE vault SET read_at = read_at - ?";
    assert!(database.execute(aged, [millis]).unwrap() > 0);
}

impl<W: Web> Stage<W> {
    /// Lets so much time pass since people were read.
    pub(crate) fn later(&self, time: Duration) {
        (self.later)(time);
    }

    /// From a browser that nobody used before to wherever it ends.
    pub(crate) async fn signs_in(&self, id: &str, person: Person) -> Screen {
        let vendor = self.vendors.at(id);
        vendor.person(person);
        self.world.browser.forget();
        by_way_of(&self.world, vendor, id).await
    }

    /// The same to tokens.
    pub(crate) async fn tokens(&self, id: &str, person: Person) -> Tokens {
        let back = self.signs_in(id, person).await;
        self.spent(&back).await
    }

    /// The tokens for the code that a browser brought back.
    pub(crate) async fn spent(&self, back: &Screen) -> Tokens {
        let code = back.parameter("code").unwrap_or_else(|| panic!("{back:?}"));
        Tokens::read(&self.world.client.exchange(&self.world.web, &code).await)
    }

    /// Whom the client's access token speaks of after a sign-in.
    pub(crate) async fn who(&self, id: &str, person: Person) -> Value {
        claims(&self.tokens(id, person).await.access)
    }

    /// Refreshes.
    pub(crate) async fn refreshed(&self, tokens: &Tokens) -> Tokens {
        let world = &self.world;
        Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await)
    }

    /// The events of a sign-in, by the reference on its page.
    pub(crate) async fn events(&self, page: &Screen) -> Vec<(String, String)> {
        let (_, flow) = page
            .page
            .split_once("Reference <code>")
            .unwrap_or_else(|| panic!("{page:?}"));
        let (flow, _) = flow.split_once('<').unwrap();
        let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
        // What a host prints arrives a moment later.
        for _ in 0..100 {
            let events = (self.audit)().into_iter();
            let ours: Vec<_> = events
                .filter(|event| event["flow"] == flow)
                .map(|event| (text(&event, "event"), text(&event, "reason")))
                .collect();
            if ours.iter().any(|(event, _)| event == "sign_in.refused") {
                return ours;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no event of {flow}: {:?}", (self.audit)())
    }

    /// Why a sign-in was refused, as the audit says.
    pub(crate) async fn reason(&self, page: &Screen) -> String {
        let events = self.events(page).await;
        let mut refused = events
            .into_iter()
            .filter(|(event, _)| event == "sign_in.refused");
        refused.next_back().unwrap().1
    }
}
