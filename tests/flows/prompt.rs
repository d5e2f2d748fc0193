//! How a client wants the person to be asked (OpenID Connect Core §3.1.2.1).

use harness::browser::Screen;
use harness::client::{APPLICATION_REDIRECT, REDIRECT, WEB_REDIRECT};
use harness::{Web, World};

super::everywhere!(on_a_patient_host:
    what_is_not_understood_is_refused_to_the_client,
    who_asks_not_to_disturb_never_shows_a_page,
    the_suggested_person_stands_out,
);

async fn asked(world: &World<impl Web>, more: &[(&str, &str)]) -> Screen {
    let url = world.client.authorize_url(more);
    world.browser.open(&world.web, &url).await
}

async fn what_is_not_understood_is_refused_to_the_client(world: World<impl Web>) {
    for (name, value) in [
        ("prompt", "none login"),
        ("prompt", "consent none"),
        ("prompt", "create"),
        ("prompt", "Consent"),
        ("max_age", "-1"),
        ("max_age", "soon"),
    ] {
        let back = asked(&world, &[(name, value)]).await;
        assert!(back.url.as_str().starts_with(REDIRECT), "{name}={value}");
        assert_eq!(back.parameter("error").as_deref(), Some("invalid_request"));
        assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
        assert!(back.parameter("error_description").unwrap().contains(name));
    }
    for (name, value) in [
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("login_hint", "nobody\u{7}"),
    ] {
        let page = asked(&world, &[(name, value)]).await;
        assert_eq!(world.agree(&page).await.url.path(), "/login/dev", "{name}");
    }
}

async fn who_asks_not_to_disturb_never_shows_a_page(world: World<impl Web>) {
    let quiet = ("prompt", "none");
    let redirect = |uri| ("redirect_uri", uri);
    let error = |back: &Screen| {
        assert_eq!(back.status, None, "a page is shown: {}", back.page);
        assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
        let state = back.parameter("state");
        assert_eq!(state.as_deref(), Some("the client's state"));
        back.parameter("error").unwrap()
    };
    assert_eq!(error(&asked(&world, &[quiet]).await), "login_required");
    world.tokens("ada").await;
    for (uri, scope, expected) in [
        (REDIRECT, "mcp:tools", "interaction_required"),
        (WEB_REDIRECT, "mcp:tools", "consent_required"),
        (APPLICATION_REDIRECT, "mcp:tools", "consent_required"),
    ] {
        let back = asked(&world, &[quiet, redirect(uri), ("scope", scope)]).await;
        assert_eq!(error(&back), expected, "{uri}");
    }
    let page = asked(&world, &[redirect(WEB_REDIRECT)]).await;
    let back = world.sign_in(&world.agree(&page).await, "ada").await;
    let code = back.parameter("code").unwrap();
    let spent = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", WEB_REDIRECT),
        ("code_verifier", harness::client::VERIFIER),
    ];
    assert_eq!(world.client.token(&world.web, &spent).await.status(), 200);
    // Now the provider is asked, and this one signs nobody in without a click.
    let back = asked(&world, &[quiet, redirect(WEB_REDIRECT)]).await;
    assert_eq!(error(&back), "login_required");
    let left = world.browser.cookies();
    assert_eq!(left.keys().collect::<Vec<_>>(), ["session"]);
}

async fn the_suggested_person_stands_out(world: World<impl Web>) {
    for hint in ["grace", "Grace@dev.example", "dev:grace"] {
        let page = asked(&world, &[("login_hint", hint)]).await;
        let people = world.agree(&page).await;
        let button = r#"value="grace" class="person go" autofocus"#;
        assert!(people.page.contains(button), "{hint}: {}", people.page);
    }
    let page = asked(&world, &[("login_hint", "<b>nobody</b>")]).await;
    let people = world.agree(&page).await;
    assert!(!people.page.contains("autofocus") && !people.page.contains("<b>"));
}
