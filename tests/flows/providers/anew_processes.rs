//! Two processes on one state folder read a person anew once.

use futures::future::join_all;
use harness::HttpWeb;
use harness::World;
use harness::client::Tokens;
use serde_json::json;
use vendors::{Endpoint, Kind};

use super::anew::{QUARTER, roles, with_role};
use super::stage::{self, Vendors, aged, by_way_of};
use crate::flows::start;

#[tokio::test]
async fn twenty_who_refresh_at_two_processes_ask_the_provider_once() {
    let folder = tempfile::tempdir().unwrap();
    let vendors = Vendors::of([Kind::Oidc]);
    let options = stage::options(&vendors, "", folder.path());
    let options = options.state_dir(folder.path().join("state"));
    let (first, second) = (start(&options), start(&options));
    let at = |host: &harness::host::Host| {
        HttpWeb::at(host.url("").trim_end_matches('/'), "http://localhost:3000")
    };
    let (world, other) = (World::new(at(&first)).await, at(&second));
    let vendor = vendors.at("oidc");
    vendor.person(with_role("editor"));
    let back = by_way_of(&world, vendor, "oidc").await;
    let code = back.parameter("code").unwrap();
    let mut tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    for role in ["reader", "writer", "editor"] {
        vendor.person(with_role(role));
        aged(&first, QUARTER);
        let asked = vendor.asked(Endpoint::Token);
        let refreshed = join_all((0..20).map(async |index| {
            let web = if index % 2 == 0 { &world.web } else { &other };
            Tokens::read(&world.client.refresh(web, &tokens.refresh).await)
        }))
        .await;
        assert_eq!(vendor.asked(Endpoint::Token), asked + 1);
        assert!(refreshed.iter().all(|one| roles(one) == json!([role])));
        tokens = refreshed.into_iter().next().unwrap();
    }
}
