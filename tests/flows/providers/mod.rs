//! People sign in with every provider of the catalogue.

mod stage;

use std::sync::LazyLock;

use harness::client::{Tokens, body, call};
use harness::{HttpWeb, Web, World};
use serde_json::{Value, json};
use vendors::Person;

use stage::{EVERYBODY, Staged, Vendors, by_way_of};

/// A host with every provider.
static STAGED: LazyLock<Staged> =
    LazyLock::new(|| Staged::start(Vendors::all(), EVERYBODY, |options| options));

/// Somebody of whom every vendor has something to say.
fn ada() -> Person {
    Person {
        groups: vec!["staff".to_owned()],
        roles: vec!["editor".to_owned()],
        permissions: vec!["read".to_owned()],
        public_metadata: json!({"role": "admin"}),
        ..Person::default()
    }
}

/// Who `userInfo` says is calling.
pub(super) async fn who<W: Web>(world: &World<W>, back: &harness::browser::Screen) -> Value {
    let code = back.parameter("code").unwrap_or_else(|| panic!("{back:?}"));
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    let asked = json!({"name": "userInfo", "arguments": {}});
    let told = body(&call(&world.web, &tokens.access, "tools/call", asked).await);
    serde_json::from_str(told["result"]["content"][0]["text"].as_str().unwrap()).unwrap()
}

async fn everybody_signs_in<W: Web>(world: &World<W>, vendors: &Vendors) {
    for id in vendors.ids() {
        let vendor = vendors.at(id);
        vendor.person(ada());
        world.browser.forget();
        let back = by_way_of(world, vendor, id).await;
        let who = who(world, &back).await;
        assert!(
            who["userId"].as_str().is_some_and(|id| id.contains("1001")),
            "{id}: {who}"
        );
        assert_eq!(who["email"], "ada@example.com", "{id}: {who}");
    }
}

#[tokio::test]
async fn a_person_signs_in_with_every_provider_in_memory() {
    let (world, vendors) = stage::in_memory(Vendors::all(), EVERYBODY, &[]).await;
    everybody_signs_in(&world, &vendors).await;
}

#[tokio::test]
async fn a_person_signs_in_with_every_provider_over_http() {
    let world: World<HttpWeb> = STAGED.world().await;
    everybody_signs_in(&world, &STAGED.vendors).await;
}
