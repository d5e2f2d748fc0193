//! People sign in with every provider of the catalogue.
//!
//! *Invariant:* a story is told once; on which host it is, its stage knows.
#![expect(
    clippy::panic,
    clippy::too_many_lines,
    reason = "a step that cannot be taken has failed its story, and a table is as long as it is"
)]

mod admission;
mod anew;
mod anew_in_memory;
mod anew_processes;
mod asked;
mod catalogue;
mod independent;
mod keys;
mod outages;
mod prompted;
mod refusals;
mod roles;
mod rules;
mod same_person;
mod settings;
mod several;
pub(crate) mod stage;

use std::sync::LazyLock;

use harness::browser::Screen;
use harness::client::Tokens;
use harness::{HttpWeb, MemoryWeb, Web, World};
use serde_json::{Value, json};
use vendors::{Kind, Person};

use crate::attacks::claims;
use stage::{EVERYBODY, Stage, Staged, Vendors, by_way_of};

/// A host with every provider.
pub(crate) static STAGED: LazyLock<Staged> =
    LazyLock::new(|| Staged::start(Vendors::all(), EVERYBODY, |options| options));

/// Somebody of whom every vendor has something to say.
fn ada(id: &str) -> Person {
    Person {
        // Roles at WorkOS are those of a member of an organization.
        tenant: id.starts_with("workos").then(|| "org_1".to_owned()),
        groups: vec!["staff".to_owned()],
        roles: vec!["editor".to_owned()],
        permissions: vec!["read".to_owned()],
        public_metadata: json!({"role": "admin"}),
        ..Person::default()
    }
}

/// Who the client's access token speaks of, at the end of a sign-in.
async fn who<W: Web>(world: &World<W>, back: &Screen) -> Value {
    let code = back.parameter("code").unwrap_or_else(|| panic!("{back:?}"));
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    claims(&tokens.access)
}

/// Who the fakes' Ada is to each provider, and which roles its defaults give her.
const EXPECTED: &[(&str, &str, &[&str])] = &[
    ("access", "access:1001", &["staff"]),
    // Permissions come with an API of the tenant, and so with `auth0_audience`.
    ("auth0", "auth0:1001", &[]),
    ("clerk", "clerk:1001", &["admin"]),
    ("descope", "descope:1001", &["editor", "read"]),
    // Organizations are read where a rule needs them.
    ("github", "github:1001", &[]),
    ("google", "google:1001", &[]),
    ("keycloak", "keycloak:1001", &["editor", "staff"]),
    ("logto", "logto:1001", &["editor"]),
    (
        "microsoft",
        "microsoft:5f1d5c5e-2a77-4b8e-9f30-7f3f6c1f0a11.1001",
        &["editor", "staff"],
    ),
    ("oauth2", "oauth2:1001", &["editor", "staff"]),
    ("oidc", "oidc:1001", &["editor", "staff"]),
    // Groups are asked for where `scopes` names them.
    ("okta", "okta:1001", &[]),
    ("slack", "slack:T0001.1001", &[]),
    ("stytch", "stytch:1001", &[]),
    ("workos", "workos:1001", &["editor", "read"]),
    ("workos-connect", "workos-connect:1001", &["editor", "read"]),
];

async fn everybody_signs_in<W: Web>(world: &World<W>, vendors: &Vendors) {
    for &(id, subject, roles) in EXPECTED {
        let vendor = vendors.at(id);
        vendor.person(ada(id));
        world.browser.forget();
        let back = by_way_of(world, vendor, id).await;
        let who = who(world, &back).await;
        assert_eq!(who["sub"], subject, "{id}: {who}");
        assert_eq!(who["email"], "ada@example.com", "{id}: {who}");
        assert_eq!(who["name"], "Ada Lovelace", "{id}: {who}");
        let found = who["roles"].as_array().cloned().unwrap_or_default();
        assert_eq!(found, roles, "{id}: {who}");
    }
}

#[tokio::test]
async fn a_person_signs_in_with_every_provider_in_memory() {
    let (world, vendors) = stage::in_memory(Vendors::all(), EVERYBODY, &[]).await;
    everybody_signs_in(&world, &vendors).await;
}

#[tokio::test]
async fn a_person_signs_in_with_every_provider_over_http() {
    let stage: Stage<HttpWeb> = STAGED.stage().await;
    everybody_signs_in(&stage.world, &stage.vendors).await;
}

#[tokio::test]
async fn the_provider_that_a_client_suggests_is_offered_first() {
    let vendors = Vendors::of([Kind::Clerk, Kind::Okta]);
    let written = "default_provider = \"clerk\"\n[provider.okta]\n\
                   allow = { domains = [\"acme.example\"] }\n";
    let (world, _vendors) = stage::in_memory(vendors, written, &[]).await;
    for (hint, first) in [
        ("", "clerk"),
        ("ada@acme.example", "okta"),
        ("ada@ACME.example", "okta"),
        ("okta:1001", "okta"),
        ("ada@other.example", "clerk"),
        ("acme.example", "clerk"),
    ] {
        let url = world.client.authorize_url(&[("login_hint", hint)]);
        let page = world.browser.open(&world.web, &url).await.page;
        let place = |id: &str| page.find(&format!("value=\"{id}\"")).unwrap();
        let clerk_is_first = place("clerk") < place("okta");
        assert_eq!(clerk_is_first, first == "clerk", "{hint}");
    }
}

/// A host whose operator wrote rules.
static RULED: LazyLock<Staged> = LazyLock::new(|| {
    Staged::start(rules::vendors(), rules::WRITTEN, |options| {
        let set = rules::VARIABLES.into_iter();
        set.fold(options, |options, (name, value)| {
            options.variable(name, value)
        })
    })
});

pub(crate) async fn staged_in_memory() -> Stage<MemoryWeb> {
    Stage::of(stage::in_memory(Vendors::all(), EVERYBODY, &[]).await)
}

async fn ruled_in_memory() -> Stage<MemoryWeb> {
    Stage::of(stage::in_memory(rules::vendors(), rules::WRITTEN, &rules::VARIABLES).await)
}

/// Runs stories in memory and over HTTP: where every provider is on, or where there are rules.
macro_rules! everywhere {
    ($memory:ident, $http:ident: $($story:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $story() {
                super::$story(&crate::flows::providers::$memory().await).await;
            })*
        }
        mod over_http {
            $(#[tokio::test]
            async fn $story() {
                super::$story(&crate::flows::providers::$http.stage().await).await;
            })*
        }
    };
}
use everywhere;
