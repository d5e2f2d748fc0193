//! How a client wants a person to be asked reaches the provider, and its answer the client.

use harness::Web;
use harness::browser::Screen;
use harness::client::{Tokens, VERIFIER, WEB_REDIRECT};
use http::StatusCode;
use vendors::{Endpoint, Person, Quirk};

use super::refusals::assert_silent;
use super::stage::{Stage, back, choose, to_vendor};

super::everywhere!(staged_in_memory, STAGED:
    an_error_of_the_provider_becomes_one_that_the_client_knows,
    an_error_that_names_another_issuer_is_nobodys,
    who_asks_not_to_disturb_is_answered_through_the_provider,
    a_hint_an_age_and_a_choice_go_on,
);

async fn an_error_of_the_provider_becomes_one_that_the_client_knows(stage: &Stage<impl Web>) {
    let world = &stage.world;
    for (theirs, ours) in [
        ("access_denied", "access_denied"),
        ("login_required", "login_required"),
        ("consent_required", "consent_required"),
        ("interaction_required", "interaction_required"),
        ("account_selection_required", "interaction_required"),
        ("temporarily_unavailable", "temporarily_unavailable"),
        ("server_error", "server_error"),
        ("invalid_scope", "server_error"),
        ("unauthorized_client", "server_error"),
        ("invalid_request", "server_error"),
        ("<script>alert(1)</script>", "server_error"),
    ] {
        for id in ["oidc", "github"] {
            let vendor = stage.vendors.at(id);
            vendor.quirk(Quirk::AuthorizationError(theirs));
            let back = stage.signs_in(id, Person::default()).await;
            assert_eq!(back.parameter("error").as_deref(), Some(ours), "{theirs}");
            assert_eq!(back.parameter("code"), None, "{theirs}");
            assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
            let state = back.parameter("state");
            assert_eq!(state.as_deref(), Some("the client's state"), "{theirs}");
            let address = back.url.as_str();
            assert!(
                !address.contains("test") && !address.contains("script"),
                "{address}"
            );
            assert!(world.browser.cookies().is_empty(), "the sign-in is over");
            vendor.behave();
        }
    }
    stage.tokens("oidc", Person::default()).await;
}

/// RFC 9207 §2.4 speaks of every answer, and errors are answers.
async fn an_error_that_names_another_issuer_is_nobodys(stage: &Stage<impl Web>) {
    let world = &stage.world;
    for iss in ["&iss=https%3A%2F%2Fanother.example", ""] {
        world.browser.forget();
        let there = to_vendor(world, "oidc").await;
        let state = there.parameter("state").unwrap();
        let address = format!("/callback/oidc?error=access_denied&state={state}{iss}");
        let page = world.browser.open(&world.web, &address).await;
        assert_eq!(
            page.status,
            Some(StatusCode::BAD_GATEWAY),
            "{iss}: {page:?}"
        );
        assert_silent(&page, stage.vendors.at("oidc"), iss);
        let reason = "the provider's answer in the browser names another issuer";
        assert_eq!(stage.reason(&page).await, reason);
    }
}

async fn asked(stage: &Stage<impl Web>, more: &[(&str, &str)]) -> Screen {
    let world = &stage.world;
    let mut all = vec![("redirect_uri", WEB_REDIRECT)];
    all.extend(more);
    let url = world.client.authorize_url(&all);
    world.browser.open(&world.web, &url).await
}

async fn who_asks_not_to_disturb_is_answered_through_the_provider(stage: &Stage<impl Web>) {
    let (world, vendor) = (&stage.world, stage.vendors.at("oidc"));
    let consent = asked(stage, &[]).await;
    let there = choose(world, &consent, "oidc").await;
    let first = back(world, vendor, &there).await;
    spent(stage, &first).await;
    let quiet = [("prompt", "none")];
    let there = asked(stage, &quiet).await;
    let seen = there.parameter("prompt");
    assert_eq!(
        seen.as_deref(),
        Some("none"),
        "no page of ours is shown: {there:?}"
    );
    let again = back(world, vendor, &there).await;
    spent(stage, &again).await;
    for error in ["login_required", "consent_required", "interaction_required"] {
        vendor.quirk(Quirk::AuthorizationError(error));
        let there = asked(stage, &quiet).await;
        let back = back(world, vendor, &there).await;
        assert_eq!(back.parameter("error").as_deref(), Some(error));
        assert_eq!(back.status, None, "no page of ours is shown: {back:?}");
    }
    vendor.behave();
    // Somebody else at the provider is not who agreed, and nobody may be asked.
    vendor.person(Person {
        id: "2002".to_owned(),
        ..Person::default()
    });
    let there = asked(stage, &quiet).await;
    let back = back(world, vendor, &there).await;
    assert_eq!(back.parameter("error").as_deref(), Some("consent_required"));
}

async fn spent(stage: &Stage<impl Web>, back: &Screen) {
    let world = &stage.world;
    let code = back.parameter("code").unwrap_or_else(|| panic!("{back:?}"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", WEB_REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    Tokens::read(&world.client.token(&world.web, &fields).await);
}

async fn a_hint_an_age_and_a_choice_go_on(stage: &Stage<impl Web>) {
    let world = &stage.world;
    for (id, sent, expected) in [
        (
            "oidc",
            ("login_hint", "ada@example.com"),
            ("login_hint", Some("ada@example.com")),
        ),
        ("github", ("login_hint", "ada"), ("login", Some("ada"))),
        (
            "google",
            ("login_hint", "ada@example.com"),
            ("login_hint", Some("ada@example.com")),
        ),
        ("oidc", ("max_age", "600"), ("max_age", Some("600"))),
        ("oidc", ("max_age", "0"), ("max_age", Some("0"))),
        ("oidc", ("prompt", "login"), ("prompt", Some("login"))),
        (
            "oidc",
            ("prompt", "select_account"),
            ("prompt", Some("select_account")),
        ),
        (
            "oidc",
            ("prompt", "login consent"),
            ("prompt", Some("login consent")),
        ),
        ("oidc", ("state", "s"), ("prompt", None)),
        // Without it, there would be no refresh token.
        ("logto", ("state", "s"), ("prompt", Some("consent"))),
    ] {
        world.browser.forget();
        let url = world.client.authorize_url(&[sent]);
        let consent = world.browser.open(&world.web, &url).await;
        let there = choose(world, &consent, id).await;
        super::stage::sent_back(stage.vendors.at(id), &there);
        let seen = stage.vendors.at(id).seen(Endpoint::Authorize).unwrap();
        let (name, value) = expected;
        assert_eq!(seen.parameter(name), value, "{id}: {sent:?}");
    }
}
