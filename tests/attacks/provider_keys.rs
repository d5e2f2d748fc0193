//! The keys of a provider's component. The attacker is that component: they hold every variable of
//! its row in `spin.toml`, may ask whom it may ask, and have read the database besides. They want a
//! credential that the component has no business making.
//!
//! *Invariant:* with those keys one can vouch for that provider's own people, and make nothing else.

mod sign_ins;

use harness::client::{Client, Tokens, call};
use harness::{Web, product};
use host::{Clock as _, Grants as _};
use jose::{Signed, SigningKeys};
use oauth::access_token::Claims;
use oauth::grant::{CodeKeys, GrantId, RefreshKeys};
use oauth::registration::{Registration, register};
use oauth::{Identities, Issuer};
use serde_json::json;

use super::{assert_page, assert_refused, assert_tokens_work, claims, registered};
use crate::flows::in_memory;

/// What the components made of `login.wasm` hold, by variable, each as keys that a ring reads.
fn held() -> Vec<(String, String)> {
    let manifest: toml::Table = include_str!("../../spin.toml").parse().unwrap();
    let known = product::keys();
    let components = manifest["component"].as_table().unwrap().values();
    let providers = components.filter(|component| {
        component["source"]
            .as_str()
            .unwrap()
            .ends_with("/login.wasm")
    });
    let variables = providers.flat_map(|provider| provider["variables"].as_table().unwrap());
    let held = variables.filter_map(|(name, template)| {
        let variable = template.as_str().unwrap().trim_matches(['{', '}', ' ']);
        let (_, value) = known.iter().find(|(known, _)| known == variable)?;
        // What is no list of keys may still be made one.
        let keys = match jose::check_keys(name, value) {
            Ok(()) => value.clone(),
            Err(_) => format!("k:{}", jose::encode(jose::sha256(value.as_bytes()))),
        };
        Some((name.clone(), keys))
    });
    held.collect()
}

/// The same keys under their own name and under every name that a ring of ours would look for.
fn under_every_name(keys: &str) -> Vec<String> {
    let (own, secret) = keys.split_once(':').unwrap();
    let names = product::keys()
        .into_iter()
        .map(|(_, value)| value.split_once(':').unwrap().0.to_owned());
    names
        .chain([own.to_owned()])
        .map(|name| format!("{name}:{secret}"))
        .collect()
}

fn issuer(web: &impl Web) -> Issuer {
    let Ok(Identities::Public(server)) = Identities::read(Some(web.issuer()), None) else {
        panic!("{}", web.issuer())
    };
    server.issuer().clone()
}

fn signing<T: Signed>(keys: &str) -> SigningKeys<T> {
    SigningKeys::parse("held", keys).unwrap()
}

#[test]
fn a_providers_component_holds_its_own_keys_and_no_others() {
    let names: Vec<_> = held().into_iter().map(|(name, _)| name).collect();
    for name in ["person_dev", "tx_dev"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    let others = [
        "code",
        "refresh",
        "access_token",
        "assertion",
        "registration",
        "session",
        "vault",
        "handle",
    ];
    for other in others {
        assert!(
            !names.iter().any(|name| name.starts_with(other)),
            "{other} in {names:?}"
        );
    }
}

#[tokio::test]
async fn no_code_and_no_refresh_token_can_be_made() {
    let world = in_memory().await;
    let (tokens, code) = (world.tokens("ada").await, world.code("ada").await);
    let id = |handle: &str| {
        let bytes = jose::decode(handle.split('.').nth(1).unwrap()).unwrap();
        GrantId::parse(&jose::encode(&bytes[..16])).unwrap()
    };
    let (pending, live) = (id(&code), id(&tokens.refresh));
    let row = world.web.host().find(&live).await.unwrap().unwrap();
    for (name, keys) in held() {
        for keys in under_every_name(&keys) {
            let minted = CodeKeys::parse("held", &keys).unwrap();
            let forged = minted.mint(&pending, &issuer(&world.web));
            let answer = world.client.exchange(&world.web, &forged).await;
            assert_refused(&answer, 400, "invalid_grant", &name);
            let minted = RefreshKeys::parse("held", &keys).unwrap();
            for generation in [1, 2, 3] {
                let answer = world
                    .client
                    .refresh(&world.web, &minted.mint(&row, generation))
                    .await;
                assert_refused(&answer, 400, "invalid_grant", &name);
            }
        }
    }
    // The forger is no bungler: the keys of `token` make both.
    let key = |wanted: &str| {
        product::keys()
            .into_iter()
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
    };
    let forged = RefreshKeys::parse("k", &key("refresh_key"))
        .unwrap()
        .mint(&row, 1);
    assert_eq!(forged, tokens.refresh);
    let forged = CodeKeys::parse("k", &key("code_key"))
        .unwrap()
        .mint(&pending, &issuer(&world.web));
    assert_eq!(forged, code);
    assert_tokens_work(&world, &tokens).await;
    Tokens::read(&world.client.exchange(&world.web, &code).await);
}

#[tokio::test]
async fn no_token_no_client_and_no_secret_can_be_signed() {
    let world = in_memory().await;
    let tokens = world.tokens("ada").await;
    let post = json!({"token_endpoint_auth_method": "client_secret_post"});
    let (confidential, answer) = registered(&world.web, &world.client, &post).await;
    let mut wanted = claims(&tokens.access);
    wanted["sub"] = json!("dev:grace");
    wanted["roles"] = json!(["admin"]);
    let wanted: Claims = serde_json::from_value(wanted).unwrap();
    let metadata = json!({"redirect_uris": ["https://evil.example/"]}).to_string();
    for (name, keys) in held() {
        for keys in under_every_name(&keys) {
            let forged = signing::<Claims>(&keys).sign(&wanted).unwrap();
            let answer = call(&world.web, &forged, "tools/list", json!({})).await;
            assert_refused(&answer, 401, "invalid_token", &name);
            let signing = signing::<Registration>(&keys);
            let made = register(
                metadata.as_bytes(),
                &signing,
                ([1; 9], world.web.host().now()),
            );
            let made = serde_json::to_value(made.unwrap()).unwrap();
            let client = Client {
                id: made["client_id"].as_str().unwrap().to_owned(),
                ..world.client.clone()
            };
            let link = client.authorize_url(&[("redirect_uri", "https://evil.example/")]);
            assert_page(&world.browser.open(&world.web, &link).await, &name);
            let secret = signing.secret_of(&confidential.id).unwrap_or_default();
            let fields = [
                ("grant_type", "refresh_token"),
                ("refresh_token", "x"),
                ("client_secret", &secret),
            ];
            let answer = confidential.token(&world.web, &fields).await;
            assert_refused(&answer, 401, "invalid_client", &name);
        }
    }
    // The true secret passes this far.
    let secret = answer["client_secret"].as_str().unwrap();
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_secret", secret),
    ];
    let answer = confidential.token(&world.web, &fields).await;
    assert_refused(&answer, 400, "invalid_grant", "the true secret");
    assert_tokens_work(&world, &tokens).await;
}

#[tokio::test]
async fn no_session_can_be_signed() {
    let world = in_memory().await;
    world.tokens("ada").await;
    let name = "session";
    let cookie = world.browser.cookies()[name].clone();
    let claims: oauth::session::Claims = serde_json::from_value(claims(&cookie)).unwrap();
    let asked = async |cookie: &str| {
        world.browser.forget();
        world.browser.plant(name, cookie);
        world.ask().await.page.contains("Ada")
    };
    assert!(asked(&cookie).await, "the true one is believed");
    for (variable, keys) in held() {
        for keys in under_every_name(&keys) {
            let forged = signing::<oauth::session::Claims>(&keys)
                .sign(&claims)
                .unwrap();
            assert!(!asked(&forged).await, "{variable}");
        }
    }
    assert!(asked(&cookie).await, "and still is");
}
