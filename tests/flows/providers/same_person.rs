//! Two sources that say the same id speak of two people, unless an operator says otherwise.

use harness::client::{Client, Tokens, body, call};
use harness::{Web, World};
use http::StatusCode;
use serde_json::{Value, json};
use vendors::{Endpoint, Person};

use super::anew::QUARTER;
use super::stage::{Stage, back, choose};
use crate::attacks::claims;

super::everywhere!(ruled_in_memory, RULED:
    one_id_at_two_providers_is_two_people,
    what_one_agreed_to_the_other_did_not,
    who_is_gone_at_one_provider_is_there_at_the_other,
    linked_people_are_one_in_tokens_and_two_to_their_providers,
);

fn alice() -> Person {
    Person {
        id: "alice".to_owned(),
        groups: vec!["Everyone".to_owned()],
        ..Person::default()
    }
}

fn director() -> Person {
    Person {
        roles: vec!["Directors".to_owned()],
        ..alice()
    }
}

async fn seen_by_tools(stage: &Stage<impl Web>, tokens: &Tokens) -> (Value, usize) {
    let web = &stage.world.web;
    let listed = body(&call(web, &tokens.access, "tools/list", json!({})).await);
    let params = json!({"name": "userInfo", "arguments": {}});
    let told = body(&call(web, &tokens.access, "tools/call", params).await);
    let text = told["result"]["content"][0]["text"].as_str().unwrap();
    let told: Value = serde_json::from_str(text).unwrap();
    (told, listed["result"]["tools"].as_array().unwrap().len())
}

async fn one_id_at_two_providers_is_two_people(stage: &Stage<impl Web>) {
    let (first, second) = (
        stage.tokens("oidc", director()).await,
        stage.tokens("okta", alice()).await,
    );
    assert_eq!(claims(&first.access)["sub"], "oidc:alice");
    assert_eq!(claims(&second.access)["sub"], "okta:alice");
    let (mine, theirs) = (
        seen_by_tools(stage, &first).await,
        seen_by_tools(stage, &second).await,
    );
    assert_eq!((mine.1, theirs.1), (3, 2), "the lists are theirs");
    assert_ne!(mine.0, theirs.0, "and so is what tools are told");
    // Giving one back takes nothing from the other.
    let world = &stage.world;
    let fields = [
        ("token", first.refresh.as_str()),
        ("client_id", world.client.id.as_str()),
    ];
    harness::client::post_form(&world.web, "/revoke", &fields).await;
    let ended = world.client.refresh(&world.web, &first.refresh).await;
    assert_eq!(body(&ended)["error"], "invalid_grant");
    stage.refreshed(&second).await;
}

/// The page that asks somebody everything, and not the one with a click for who agreed before.
fn asks_everything(page: &harness::browser::Screen) -> bool {
    page.status == Some(StatusCode::OK) && page.offers("provider", "oidc")
}

async fn what_one_agreed_to_the_other_did_not(stage: &Stage<impl Web>) {
    let world = &stage.world;
    let other: World<&_> = World {
        web: &world.web,
        browser: harness::browser::Browser::default(),
        client: Client::register(&world.web).await,
    };
    stage.tokens("oidc", alice()).await;
    let again = world.ask().await;
    assert!(
        !asks_everything(&again),
        "alice agreed before: {}",
        again.page
    );
    // The other alice signs in for another client, in a browser of her own, and comes to this one.
    let vendor = stage.vendors.at("okta");
    vendor.person(alice());
    let consent = other.ask().await;
    let there = choose(&other, &consent, "okta").await;
    back(&other, vendor, &there).await;
    let url = world.client.authorize_url(&[]);
    let page = other.browser.open(&other.web, &url).await;
    assert!(
        asks_everything(&page),
        "she never agreed to it: {}",
        page.page
    );
}

async fn who_is_gone_at_one_provider_is_there_at_the_other(stage: &Stage<impl Web>) {
    let world = &stage.world;
    let (first, second) = (
        stage.tokens("oidc", alice()).await,
        stage.tokens("okta", alice()).await,
    );
    stage.vendors.at("oidc").person(Person {
        disabled: true,
        ..alice()
    });
    stage.later(QUARTER);
    let gone = world.client.refresh(&world.web, &first.refresh).await;
    assert_eq!(body(&gone)["error"], "invalid_grant");
    stage.refreshed(&second).await;
}

async fn linked_people_are_one_in_tokens_and_two_to_their_providers(stage: &Stage<impl Web>) {
    let linked = |role: &str| Person {
        id: "3003".to_owned(),
        roles: vec![role.to_owned()],
        permissions: vec![role.to_owned()],
        ..Person::default()
    };
    let (mut first, mut second) = (
        stage.tokens("oidc", linked("Staff")).await,
        stage.tokens("auth0", linked("calculate:anything")).await,
    );
    for _ in 0..2 {
        for tokens in [&first, &second] {
            assert_eq!(claims(&tokens.access)["sub"], "oidc:3003");
        }
        // Each role is what their own provider says, of which the other knows nothing.
        assert_eq!(claims(&first.access)["roles"], json!(["member", "reader"]));
        assert_eq!(claims(&second.access)["roles"], json!(["admin"]));
        stage.later(QUARTER);
        for (id, tokens) in [("oidc", &mut first), ("auth0", &mut second)] {
            let asked = stage.vendors.at(id).asked(Endpoint::Token);
            *tokens = stage.refreshed(tokens).await;
            assert_eq!(
                stage.vendors.at(id).asked(Endpoint::Token),
                asked + 1,
                "{id}"
            );
        }
    }
    // Nobody else is linked with them.
    let unlinked = stage
        .who(
            "okta",
            Person {
                id: "3003".to_owned(),
                ..alice()
            },
        )
        .await;
    assert_eq!(unlinked["sub"], "okta:3003");
}
