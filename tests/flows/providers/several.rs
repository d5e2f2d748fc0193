//! Several providers at once: a person chooses, and each answer comes back to whose it is.

use harness::Web;
use http::StatusCode;
use vendors::{Endpoint, Kind, Person};

use super::rules;
use super::stage::{self, Stage, Vendors, choose, sent_back, to_vendor};

super::everywhere!(ruled_in_memory, RULED:
    a_person_chooses_by_title,
    the_default_has_the_callback_without_a_name,
    an_answer_at_the_callback_of_another_is_refused,
    an_answer_that_is_nobodys_leads_nowhere,
);

const ON: [&str; 8] = [
    "auth0",
    "clerk",
    "github",
    "google",
    "keycloak",
    "microsoft",
    "oidc",
    "okta",
];

async fn a_person_chooses_by_title(stage: &Stage<impl Web>) {
    let page = stage.world.ask().await;
    for id in ON {
        assert!(page.offers("provider", id), "{id}: {}", page.page);
    }
    for title in [
        "Acme staff",
        "Google of Acme",
        "GitHub",
        "Microsoft",
        "Okta",
        "Clerk",
    ] {
        assert!(page.page.contains(title), "{title}: {}", page.page);
    }
    for id in ["slack", "workos", "oauth2", "nobody", ""] {
        assert!(!page.offers("provider", id), "{id}");
        let answer = choose(&stage.world, &page, id).await;
        assert_eq!(answer.status, Some(StatusCode::BAD_REQUEST), "{id}");
    }
    let there = choose(&stage.world, &page, "auth0").await;
    assert!(
        there
            .url
            .as_str()
            .starts_with(&stage.vendors.at("auth0").url("/authorize"))
    );
}

async fn the_default_has_the_callback_without_a_name(stage: &Stage<impl Web>) {
    let world = &stage.world;
    let issuer = world.web.issuer();
    for id in ON {
        let (place, other) = if id == "oidc" {
            (
                format!("{issuer}/callback?"),
                format!("{issuer}/oauth/callback?"),
            )
        } else {
            (
                format!("{issuer}/callback/{id}?"),
                format!("{issuer}/oauth/callback/{id}?"),
            )
        };
        for instead in [&place, &other] {
            world.browser.forget();
            let vendor = stage.vendors.at(id);
            vendor.person(member(id));
            let there = to_vendor(world, id).await;
            let address = sent_back(vendor, &there);
            let asked = vendor.seen(Endpoint::Authorize).unwrap();
            let asked = asked.parameter("redirect_uri").map(str::to_owned);
            assert_eq!(asked.as_deref(), Some(place.trim_end_matches('?')), "{id}");
            let address = address.replace(&place, instead);
            let back = world.browser.open(&world.web, &address).await;
            stage.spent(&back).await;
        }
    }
}

/// Somebody whom every rule admits.
fn member(id: &str) -> Person {
    Person {
        tenant: match id {
            "google" => Some("example.com".to_owned()),
            "microsoft" => Some(rules::CONTOSO.to_owned()),
            _ => None,
        },
        groups: vec!["Everyone".to_owned()],
        organizations: vec!["acme".to_owned()],
        ..Person::default()
    }
}

/// Who runs one provider wants the code of another: they send the browser on to it with the state
/// of their own sign-in, and hope that what comes back is taken to their token endpoint.
async fn an_answer_at_the_callback_of_another_is_refused(stage: &Stage<impl Web>) {
    let world = &stage.world;
    let issuer = world.web.issuer();
    for (chosen, place) in [
        ("clerk", "/callback"),
        ("clerk", "/oauth/callback"),
        ("clerk", "/callback/auth0"),
        ("clerk", "/callback/oidc"),
        ("clerk", "/oauth/callback/auth0"),
        ("oidc", "/callback/clerk"),
        ("oidc", "/callback/oidc"),
        ("oidc", "/callback/dev"),
    ] {
        world.browser.forget();
        let vendor = stage.vendors.at(chosen);
        let there = to_vendor(world, chosen).await;
        let (asked, spent) = (sent_back(vendor, &there), vendor.asked(Endpoint::Token));
        let (_, answer) = asked.split_once('?').unwrap();
        let page = world
            .browser
            .open(&world.web, &format!("{issuer}{place}?{answer}"))
            .await;
        let what = format!("{chosen} at {place}");
        assert_eq!(
            page.status,
            Some(StatusCode::BAD_REQUEST),
            "{what}: {page:?}"
        );
        assert_eq!(
            vendor.asked(Endpoint::Token),
            spent,
            "{what}: the code went nowhere"
        );
        // It was none of this browser's doing: its own answer is still taken.
        let back = world.browser.open(&world.web, &asked).await;
        stage.spent(&back).await;
    }
}

async fn an_answer_that_is_nobodys_leads_nowhere(stage: &Stage<impl Web>) {
    let world = &stage.world;
    let state = to_vendor(world, "oidc").await.parameter("state").unwrap();
    let (_, own) = state.split_once('.').unwrap();
    for (address, status) in [
        ("/callback".to_owned(), StatusCode::BAD_REQUEST),
        ("/callback?code=x".to_owned(), StatusCode::BAD_REQUEST),
        (
            "/callback?code=x&state=".to_owned(),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/callback?code=x&state=nobody.{own}"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/callback?code=x&state=token.{own}"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/callback?code=x&state=dev.{own}"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/callback?code=x&state=clerk.{own}"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/callback?code=x&state={state}&state={state}"),
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("/callback?code=x&state={state}x"),
            StatusCode::BAD_REQUEST,
        ),
        // It is a provider's, and that provider is off.
        (
            format!("/callback?code=x&state=slack.{own}"),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (
            format!("/callback/nobody?code=x&state=nobody.{own}"),
            StatusCode::NOT_FOUND,
        ),
    ] {
        let page = world.browser.open(&world.web, &address).await;
        assert_eq!(page.status, Some(status), "{address}: {page:?}");
    }
}

#[tokio::test]
async fn the_only_one_has_the_callback_without_a_name() {
    let stage = stage::in_memory(Vendors::of([Kind::Okta]), "", &[]).await;
    let stage = Stage::of(stage);
    stage.tokens("okta", Person::default()).await;
    let asked = stage.vendors.at("okta").seen(Endpoint::Authorize).unwrap();
    let callback = format!("{}/callback", stage.world.web.issuer());
    assert_eq!(asked.parameter("redirect_uri"), Some(callback.as_str()));
}
