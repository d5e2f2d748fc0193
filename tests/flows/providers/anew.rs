//! People are read anew from their provider when clients refresh.

use std::time::Duration;

use futures::future::join_all;
use harness::Web;
use harness::client::{Tokens, body, call};
use http::{StatusCode, header};
use serde_json::{Value, json};
use vendors::{Endpoint, Fault, Person, Quirk};

use super::stage::Stage;
use crate::attacks::claims;

super::everywhere!(staged_in_memory, STAGED:
    a_changed_role_counts_at_the_next_refresh_after_a_quarter_of_an_hour,
    twenty_who_refresh_at_once_ask_the_provider_once,
    who_is_disabled_at_their_provider_is_out_until_they_sign_in_again,
    a_provider_with_troubles_signs_nobody_out,
    what_a_provider_gave_before_its_troubles_is_not_lost,
    a_provider_that_gives_a_refresh_token_once_is_asked_with_it_ever_after,
    without_a_refresh_token_people_stay_who_they_were,
);

/// As often are people read where nobody says otherwise.
pub(super) const QUARTER: Duration = Duration::from_mins(15);

pub(super) fn with_role(role: &str) -> Person {
    Person {
        roles: vec![role.to_owned()],
        ..Person::default()
    }
}

pub(super) fn roles(tokens: &Tokens) -> Value {
    claims(&tokens.access)["roles"].clone()
}

async fn a_changed_role_counts_at_the_next_refresh_after_a_quarter_of_an_hour(
    stage: &Stage<impl Web>,
) {
    for id in ["oidc", "keycloak", "microsoft", "logto"] {
        let vendor = stage.vendors.at(id);
        let mut tokens = stage.tokens(id, with_role("editor")).await;
        let asked = vendor.asked(Endpoint::Token);
        vendor.person(with_role("reader"));
        for time in [Duration::ZERO, Duration::from_mins(14)] {
            stage.later(time);
            tokens = stage.refreshed(&tokens).await;
            assert_eq!(roles(&tokens), json!(["editor"]), "{id}: not before");
        }
        assert_eq!(vendor.asked(Endpoint::Token), asked, "{id}");
        stage.later(Duration::from_mins(1));
        for _ in 0..2 {
            tokens = stage.refreshed(&tokens).await;
            assert_eq!(roles(&tokens), json!(["reader"]), "{id}");
            assert_eq!(vendor.asked(Endpoint::Token), asked + 1, "{id}");
        }
        let spent = vendor.seen(Endpoint::Token).unwrap();
        assert_eq!(spent.parameter("grant_type"), Some("refresh_token"), "{id}");
    }
}

async fn twenty_who_refresh_at_once_ask_the_provider_once(stage: &Stage<impl Web>) {
    let (world, vendor) = (&stage.world, stage.vendors.at("oidc"));
    let mut tokens = stage.tokens("oidc", with_role("editor")).await;
    for role in ["reader", "writer"] {
        vendor.person(with_role(role));
        stage.later(QUARTER);
        let asked = vendor.asked(Endpoint::Token);
        let refreshed =
            join_all((0..20).map(async |_| {
                Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await)
            }))
            .await;
        assert_eq!(vendor.asked(Endpoint::Token), asked + 1);
        for one in &refreshed {
            assert_eq!(roles(one), json!([role]));
        }
        tokens = refreshed.into_iter().next().unwrap();
    }
}

async fn who_is_disabled_at_their_provider_is_out_until_they_sign_in_again(
    stage: &Stage<impl Web>,
) {
    let (world, vendor) = (&stage.world, stage.vendors.at("oidc"));
    let gone = Person {
        disabled: true,
        ..Person::default()
    };
    let other = stage
        .tokens(
            "oidc",
            Person {
                id: "2002".to_owned(),
                ..Person::default()
            },
        )
        .await;
    let (first, second) = (
        stage.tokens("oidc", Person::default()).await,
        stage.tokens("oidc", Person::default()).await,
    );
    stage.later(QUARTER);
    vendor.person(gone);
    for tokens in [&first, &second] {
        let refused = world.client.refresh(&world.web, &tokens.refresh).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(body(&refused)["error"], "invalid_grant");
        assert_eq!(body(&refused).get("access_token"), None);
        world.web.pass(Duration::from_secs(5)).await;
        let called = call(&world.web, &tokens.access, "tools/list", json!({})).await;
        assert_eq!(called.status(), StatusCode::UNAUTHORIZED);
        let again = world.client.refresh(&world.web, &tokens.refresh).await;
        assert_eq!(body(&again)["error"], "invalid_grant", "and stays out");
    }
    stage.refreshed(&other).await;
    // Whoever is back signs in again; what ended stays at an end.
    let back = stage.tokens("oidc", with_role("reader")).await;
    stage.later(QUARTER);
    vendor.person(with_role("editor"));
    assert_eq!(roles(&stage.refreshed(&back).await), json!(["editor"]));
    let ended = world.client.refresh(&world.web, &first.refresh).await;
    assert_eq!(body(&ended)["error"], "invalid_grant");
}

async fn assert_waits(stage: &Stage<impl Web>, tokens: &Tokens, what: &str) {
    let world = &stage.world;
    let answer = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{what}");
    assert_eq!(body(&answer)["error"], "temporarily_unavailable", "{what}");
    assert!(answer.headers().contains_key(header::RETRY_AFTER), "{what}");
    let text = String::from_utf8_lossy(answer.body());
    assert!(
        !text.contains("test wants") && !text.contains("localhost"),
        "{what}: {text}"
    );
}

async fn a_provider_with_troubles_signs_nobody_out(stage: &Stage<impl Web>) {
    let vendor = stage.vendors.at("oidc");
    let mut tokens = stage.tokens("oidc", with_role("editor")).await;
    for quirk in [
        Quirk::Broken(Endpoint::Token, Fault::InternalError),
        Quirk::Broken(Endpoint::Token, Fault::Unavailable(3)),
        Quirk::Broken(Endpoint::Token, Fault::TooManyRequests(3)),
        Quirk::Broken(Endpoint::Token, Fault::NotJson),
        Quirk::Broken(Endpoint::Token, Fault::Redirect),
        Quirk::TokenError("temporarily_unavailable"),
        Quirk::TokenError("server_error"),
        Quirk::TokenError("slow_down"),
        // Somebody changed our secret there, and will have to change it here.
        Quirk::TokenError("invalid_client"),
        Quirk::TokenError("unauthorized_client"),
        Quirk::TokenError("invalid_request"),
        Quirk::TokenError("something_else"),
    ] {
        stage.later(QUARTER);
        vendor.quirk(quirk.clone());
        for _ in 0..2 {
            assert_waits(stage, &tokens, &format!("{quirk:?}")).await;
        }
        vendor.behave();
        // Nobody has to wait for the troubles of before.
        tokens = stage.refreshed(&tokens).await;
        assert_eq!(roles(&tokens), json!(["editor"]), "{quirk:?}");
    }
}

/// Where refresh tokens are rotated, the old one is dead when the new one was given, however the
/// answer went on: who uses it again is taken for a thief.
async fn what_a_provider_gave_before_its_troubles_is_not_lost(stage: &Stage<impl Web>) {
    let vendor = stage.vendors.at("oidc");
    let lacking = Person {
        email: None,
        ..with_role("editor")
    };
    let mut tokens = stage.tokens("oidc", lacking.clone()).await;
    for quirk in [
        Quirk::Broken(Endpoint::Userinfo, Fault::Unavailable(3)),
        Quirk::Broken(Endpoint::Userinfo, Fault::NotJson),
        Quirk::WrongIssuer,
        Quirk::UnknownKeyId,
        Quirk::Expired,
        Quirk::DuplicateClaims,
    ] {
        stage.later(QUARTER);
        vendor.quirk(quirk.clone());
        for _ in 0..3 {
            assert_waits(stage, &tokens, &format!("{quirk:?}")).await;
        }
        vendor.behave();
        vendor.person(Person {
            roles: vec![format!("{quirk:?}")],
            ..lacking.clone()
        });
        tokens = stage.refreshed(&tokens).await;
        assert_eq!(roles(&tokens), json!([format!("{quirk:?}")]));
    }
}

async fn a_provider_that_gives_a_refresh_token_once_is_asked_with_it_ever_after(
    stage: &Stage<impl Web>,
) {
    let vendor = stage.vendors.at("google");
    let called = |name: &str| Person {
        name: name.to_owned(),
        id: "7007".to_owned(),
        ..Person::default()
    };
    let first = stage.tokens("google", called("Ada")).await;
    let mut second = stage.tokens("google", called("Ada")).await;
    for name in ["Ada L.", "Ada King", "Countess of Lovelace"] {
        stage.later(QUARTER);
        vendor.person(called(name));
        let asked = vendor.asked(Endpoint::Token);
        second = stage.refreshed(&second).await;
        assert_eq!(claims(&second.access)["name"], name);
        assert_eq!(vendor.asked(Endpoint::Token), asked + 1);
    }
    assert_eq!(
        claims(&stage.refreshed(&first).await.access)["name"],
        "Countess of Lovelace"
    );
}

async fn without_a_refresh_token_people_stay_who_they_were(stage: &Stage<impl Web>) {
    // Somebody whose provider gave one, so that there is a row to grow old.
    stage.tokens("oidc", Person::default()).await;
    for (id, quirk) in [
        ("github", None),
        ("slack", None),
        ("oidc", Some(Quirk::MissingRefreshToken)),
    ] {
        let vendor = stage.vendors.at(id);
        let called = |name: &str| Person {
            name: name.to_owned(),
            id: "8008".to_owned(),
            ..Person::default()
        };
        if let Some(quirk) = quirk {
            vendor.quirk(quirk);
        }
        let mut tokens = stage.tokens(id, called("Ada")).await;
        vendor.behave();
        vendor.person(Person {
            disabled: true,
            ..called("Somebody")
        });
        let asked = vendor.asked(Endpoint::Token);
        for _ in 0..3 {
            stage.later(QUARTER);
            tokens = stage.refreshed(&tokens).await;
            assert_eq!(claims(&tokens.access)["name"], "Ada", "{id}");
        }
        assert_eq!(vendor.asked(Endpoint::Token), asked, "{id}");
    }
}
