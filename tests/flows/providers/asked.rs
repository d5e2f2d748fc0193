//! What a provider is asked: everything it needs, of this sign-in alone, and nothing of the client.

use std::collections::BTreeSet;

use harness::Web;
use harness::client::{REDIRECT, VERIFIER};
use vendors::{Endpoint, Person, Seen};

use super::stage::{Stage, by_way_of, choose};

super::everywhere!(staged_in_memory, STAGED:
    every_sign_in_has_a_state_a_nonce_and_a_challenge_of_its_own,
    nothing_of_the_clients_own_request_goes_on,
    clients_are_authenticated_as_each_vendor_wants_it,
);

/// Those without an ID token have nothing that would repeat a nonce.
const WITHOUT_NONCE: [&str; 3] = ["github", "oauth2", "workos"];

const EVERY: [&str; 16] = [
    "access",
    "auth0",
    "clerk",
    "descope",
    "github",
    "google",
    "keycloak",
    "logto",
    "microsoft",
    "oauth2",
    "oidc",
    "okta",
    "slack",
    "stytch",
    "workos",
    "workos-connect",
];

fn value<'a>(seen: &'a Seen, name: &str) -> &'a str {
    let mut all = seen.parameters.iter().filter(|(known, _)| known == name);
    let (first, again) = (all.next(), all.next());
    assert_eq!(again, None, "{name} stands twice in {seen:?}");
    first.map(|(_, value)| value.as_str()).unwrap_or_default()
}

async fn every_sign_in_has_a_state_a_nonce_and_a_challenge_of_its_own(stage: &Stage<impl Web>) {
    let mut secrets = BTreeSet::new();
    for id in EVERY {
        let vendor = stage.vendors.at(id);
        for _ in 0..2 {
            stage.tokens(id, Person::default()).await;
            let asked = vendor.seen(Endpoint::Authorize).unwrap();
            assert_eq!(value(&asked, "response_type"), "code", "{id}");
            assert_eq!(value(&asked, "client_id"), vendor.client_id(), "{id}");
            let callback = format!("{}/callback/{id}", stage.world.web.issuer());
            assert_eq!(value(&asked, "redirect_uri"), callback, "{id}");
            assert_eq!(value(&asked, "code_challenge_method"), "S256", "{id}");
            let has_nonce = !WITHOUT_NONCE.contains(&id);
            for (name, is_there) in [
                ("state", true),
                ("nonce", has_nonce),
                ("code_challenge", true),
            ] {
                let secret = value(&asked, name);
                assert_eq!(secret.len() >= 22, is_there, "{id}: {name} is {secret}");
                let new = secrets.insert((name, secret.to_owned()));
                assert!(new || !is_there, "{id}: {name} is used again");
            }
            let spent = vendor.seen(Endpoint::Token).unwrap();
            let verifier = value(&spent, "code_verifier");
            let challenge = jose::encode(jose::sha256(verifier.as_bytes()));
            assert_eq!(value(&asked, "code_challenge"), challenge, "{id}");
            // Each secret is for one reader.
            for name in ["state", "nonce", "code_challenge"] {
                assert_ne!(value(&asked, name), verifier, "{id}: {name}");
            }
        }
    }
}

async fn nothing_of_the_clients_own_request_goes_on(stage: &Stage<impl Web>) {
    const KNOWN: [&str; 15] = [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "scope",
        "nonce",
        "prompt",
        "code_challenge",
        "code_challenge_method",
        // Vendors' own.
        "access_type",
        "provider",
        "hd",
        "audience",
        "login_hint",
        "max_age",
    ];
    let world = &stage.world;
    for id in EVERY {
        let vendor = stage.vendors.at(id);
        world.browser.forget();
        let url = world.client.authorize_url(&[
            ("nonce", "the-clients-nonce"),
            ("claims", r#"{"userinfo":{"email":{"essential":true}}}"#),
            ("acr_values", "gold"),
            ("ui_locales", "de"),
            ("display", "popup"),
            ("id_token_hint", "a.b.c"),
            ("access_type", "the-clients"),
            ("hd", "evil.example"),
            ("audience", "https://evil.example"),
            ("domain_hint", "evil.example"),
            ("kc_idp_hint", "evil"),
        ]);
        let consent = world.browser.open(&world.web, &url).await;
        let there = choose(world, &consent, id).await;
        super::stage::back(world, vendor, &there).await;
        let asked = vendor.seen(Endpoint::Authorize).unwrap();
        let sent: Vec<_> = asked
            .parameters
            .iter()
            .map(|(_, value)| value.as_str())
            .collect();
        for ours in [
            "the client's state",
            "the-clients-nonce",
            "the-clients",
            "evil.example",
            "https://evil.example",
            REDIRECT,
            VERIFIER,
            world.client.id.as_str(),
            "mcp:tools",
        ] {
            assert!(
                !sent.iter().any(|value| value.contains(ours)),
                "{id}: {ours} in {sent:?}"
            );
        }
        for (name, _) in &asked.parameters {
            assert!(KNOWN.contains(&name.as_str()), "{id} is asked with {name}");
        }
        let spent = vendor.seen(Endpoint::Token).unwrap();
        assert!(
            spent.parameters.iter().all(|(name, _)| name != "resource"),
            "{id}"
        );
    }
}

async fn clients_are_authenticated_as_each_vendor_wants_it(stage: &Stage<impl Web>) {
    for id in EVERY {
        let vendor = stage.vendors.at(id);
        stage.world.browser.forget();
        by_way_of(&stage.world, vendor, id).await;
        let spent = vendor.seen(Endpoint::Token).unwrap();
        let basic = spent.header("authorization").is_some();
        assert_eq!(basic, matches!(id, "clerk" | "logto" | "okta"), "{id}");
        let posted = value(&spent, "client_secret");
        assert_eq!(posted.is_empty(), basic, "{id}");
        let is_json = spent.header("content-type") == Some("application/json");
        assert_eq!(is_json, id == "workos", "{id}");
        // No secret is in an address, which logs keep.
        assert!(!spent.path.contains(vendor.client_secret()), "{id}");
        let asked = vendor.seen(Endpoint::Authorize).unwrap();
        assert_eq!(value(&asked, "client_secret"), "", "{id}");
    }
}
