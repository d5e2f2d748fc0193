//! A person who agreed before is not asked everything again, and nobody else is spared anything.

use harness::browser::{Browser, Screen};
use harness::client::{
    APPLICATION_REDIRECT, Client, REDIRECT, Tokens, VERIFIER, WEB_REDIRECT, body, post_form,
};
use harness::{Web, World};
use http::{Request, StatusCode, header};

super::everywhere!(on_a_patient_host:
    a_web_site_that_was_allowed_before_goes_straight_to_the_provider,
    a_place_on_this_machine_takes_one_click,
    using_another_account_shows_everything,
    what_was_not_agreed_to_is_asked,
    somebody_else_is_asked_before_any_code_exists,
    somebody_else_may_deny_or_leave_something_out,
    the_question_to_somebody_else_belongs_to_their_browser,
    a_session_that_is_not_ours_spares_nobody,
    a_revoked_approval_is_forgotten,
    one_browser_has_one_session,
);

const WEB: (&str, &str) = ("redirect_uri", WEB_REDIRECT);
const ALLOW: (&str, &str) = ("provider", "dev");

async fn asked(world: &World<impl Web>, more: &[(&str, &str)]) -> Screen {
    let url = world.client.authorize_url(more);
    world.browser.open(&world.web, &url).await
}

/// Whether everything is asked: the page with boxes to untick.
fn is_whole(page: &Screen) -> bool {
    page.page.contains("checkbox") && page.offers(ALLOW.0, ALLOW.1)
}

async fn redeemed(world: &World<impl Web>, back: &Screen, redirect: &str) -> Tokens {
    let code = back
        .parameter("code")
        .expect("a code at the client's redirect URI");
    let spent = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", redirect),
        ("code_verifier", VERIFIER),
    ];
    Tokens::read(&world.client.token(&world.web, &spent).await)
}

fn subject(tokens: &Tokens) -> String {
    let claims = jose::decode(tokens.access.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["sub"].as_str().unwrap().to_owned()
}

/// Ada allows the client at `redirect`, in the browser of this world.
async fn ada_allows(world: &World<impl Web>, redirect: &str) -> Tokens {
    let page = asked(world, &[("redirect_uri", redirect)]).await;
    let back = world.sign_in(&world.agree(&page).await, "ada").await;
    redeemed(world, &back, redirect).await
}

async fn a_web_site_that_was_allowed_before_goes_straight_to_the_provider(world: World<impl Web>) {
    ada_allows(&world, WEB_REDIRECT).await;
    let people = asked(&world, &[WEB]).await;
    assert_eq!(people.url.path(), "/login/dev", "{}", people.page);
    assert!(
        people.page.contains("suggested"),
        "the provider hears who it was"
    );
    let back = world.sign_in(&people, "ada").await;
    assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
    assert_eq!(
        subject(&redeemed(&world, &back, WEB_REDIRECT).await),
        "dev:ada"
    );
    // Less than what was agreed to is agreed to as well.
    let people = asked(&world, &[WEB, ("scope", "mcp:tools")]).await;
    assert_eq!(people.url.path(), "/login/dev");
    // Who must sign in again does so at the provider, and agrees to nothing new.
    let people = asked(&world, &[WEB, ("prompt", "login")]).await;
    assert_eq!(people.url.path(), "/login/dev");
}

async fn a_place_on_this_machine_takes_one_click(world: World<impl Web>) {
    for redirect in [REDIRECT, APPLICATION_REDIRECT] {
        ada_allows(&world, redirect).await;
        let page = asked(&world, &[("redirect_uri", redirect)]).await;
        assert_eq!(page.url.path(), "/authorize");
        assert!(page.offers("decision", "continue") && !is_whole(&page));
        for told in ["Tester", "Ada Lovelace", "mcp:tools", "unverified", "/mcp"] {
            assert!(page.page.contains(told), "{told} is not on {}", page.page);
        }
        let form = page.form("/consent");
        let click = ("decision", "continue");
        let stranger = Browser::default().submit(&world.web, &form, click).await;
        assert_eq!(stranger.status, Some(StatusCode::BAD_REQUEST));
        let people = world.browser.submit(&world.web, &form, click).await;
        assert_eq!(people.url.path(), "/login/dev");
        let back = world.sign_in(&people, "ada").await;
        assert_eq!(subject(&redeemed(&world, &back, redirect).await), "dev:ada");
        let left = world.browser.cookies();
        assert_eq!(left.keys().collect::<Vec<_>>(), ["session"]);
    }
}

async fn using_another_account_shows_everything(world: World<impl Web>) {
    ada_allows(&world, REDIRECT).await;
    let form = world.ask().await.form("/consent");
    let page = world
        .browser
        .submit(&world.web, &form, ("decision", "another"))
        .await;
    assert!(is_whole(&page), "{}", page.page);
    let people = world.agree(&page).await;
    // Whoever it is has just agreed: nobody is expected.
    let back = world.sign_in(&people, "grace").await;
    assert_eq!(
        subject(&redeemed(&world, &back, REDIRECT).await),
        "dev:grace"
    );
    let denied = world.ask().await.form("/consent");
    let back = world
        .browser
        .submit(&world.web, &denied, ("decision", "deny"))
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
}

async fn what_was_not_agreed_to_is_asked(world: World<impl Web>) {
    let page = asked(&world, &[WEB, ("scope", "mcp:tools")]).await;
    let back = world.sign_in(&world.agree(&page).await, "ada").await;
    let unspent = asked(&world, &[WEB, ("scope", "mcp:tools")]).await;
    assert!(
        is_whole(&unspent),
        "a code that nobody spent is no approval"
    );
    redeemed(&world, &back, WEB_REDIRECT).await;
    let issuer = world.web.issuer();
    let sse = format!("{issuer}/sse");
    let tools = ("scope", "mcp:tools");
    for more in [
        &[WEB, ("scope", "mcp:tools profile")][..],
        &[WEB, tools, ("resource", &sse)],
        &[WEB, tools, ("prompt", "consent")],
        &[WEB, tools, ("prompt", "select_account")],
        &[tools],
        &[tools, ("redirect_uri", APPLICATION_REDIRECT)],
        &[tools, ("redirect_uri", "http://127.0.0.1:33419/callback")],
    ] {
        assert!(is_whole(&asked(&world, more).await), "{more:?}");
    }
    // Another client of the same name, made by who sent the link.
    let other = Client::register(&world.web).await;
    let page = world
        .browser
        .open(&world.web, &other.authorize_url(&[WEB, tools]))
        .await;
    assert!(is_whole(&page));
    let people = asked(&world, &[WEB, tools]).await;
    assert_eq!(people.url.path(), "/login/dev");
}

async fn somebody_else_is_asked_before_any_code_exists(world: World<impl Web>) {
    ada_allows(&world, WEB_REDIRECT).await;
    let session = world.browser.cookies()["session"].clone();
    let people = asked(&world, &[WEB]).await;
    let page = world.sign_in(&people, "grace").await;
    assert_eq!(page.url.path(), "/callback/dev");
    assert_eq!(page.status, Some(StatusCode::OK));
    for told in [
        "Grace Hopper",
        "Tester",
        "client.example",
        "mcp:tools",
        "/mcp",
    ] {
        assert!(page.page.contains(told), "{told} is not on {}", page.page);
    }
    assert!(
        !page.page.contains("Ada"),
        "nobody learns who was here before"
    );
    // To reload is to be asked again.
    let again = world.browser.open(&world.web, page.url.as_str()).await;
    let form = again.form("/callback/dev");
    assert_eq!(form.fields, page.form("/callback/dev").fields);
    let back = world
        .browser
        .submit(&world.web, &form, ("decision", "allow"))
        .await;
    assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
    assert_eq!(
        subject(&redeemed(&world, &back, WEB_REDIRECT).await),
        "dev:grace"
    );
    let left = world.browser.cookies();
    assert_eq!(left.keys().collect::<Vec<_>>(), ["session"]);
    assert_ne!(left["session"], session, "the browser is Grace's now");
    // And what was Ada's session is nobody's.
    world.browser.plant("session", &session);
    assert!(is_whole(&asked(&world, &[WEB]).await));
}

async fn somebody_else_may_deny_or_leave_something_out(world: World<impl Web>) {
    ada_allows(&world, WEB_REDIRECT).await;
    let page = world.sign_in(&asked(&world, &[WEB]).await, "grace").await;
    let back = world
        .browser
        .submit(
            &world.web,
            &page.form("/callback/dev"),
            ("decision", "deny"),
        )
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(
        back.parameter("state").as_deref(),
        Some("the client's state")
    );
    assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
    let left = world.browser.cookies();
    assert_eq!(left.keys().collect::<Vec<_>>(), ["session"], "Ada's");

    let profile = [WEB, ("scope", "profile offline_access")];
    let page = world.sign_in(&asked(&world, &profile).await, "grace").await;
    let form = page.form("/callback/dev");
    let nothing = form.clone().without("may-profile");
    let allow = ("decision", "allow");
    let again = world.browser.submit(&world.web, &nothing, allow).await;
    assert_eq!(again.status, Some(StatusCode::BAD_REQUEST));
    assert!(
        again.page.contains("Leave at least one thing"),
        "{}",
        again.page
    );
    let less = form.without("may-offline-access");
    let back = world.browser.submit(&world.web, &less, allow).await;
    let code = back.parameter("code").unwrap();
    let spent = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", WEB_REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let answer = world.client.token(&world.web, &spent).await;
    assert_eq!(body(&answer)["scope"], "profile");
}

async fn the_question_to_somebody_else_belongs_to_their_browser(world: World<impl Web>) {
    ada_allows(&world, WEB_REDIRECT).await;
    let page = world.sign_in(&asked(&world, &[WEB]).await, "grace").await;
    let form = page.form("/callback/dev");
    let allow = ("decision", "allow");
    let stranger = Browser::default().submit(&world.web, &form, allow).await;
    assert_eq!(stranger.status, Some(StatusCode::BAD_REQUEST));
    for (name, value) in [("csrf", "AAAA"), ("state", "dev.AAAA.BBBB"), ("more", "x")] {
        let mut altered = form.clone();
        altered.fields.retain(|(known, _)| known != name);
        altered.fields.push((name.to_owned(), value.to_owned()));
        let refused = world.browser.submit(&world.web, &altered, allow).await;
        assert_eq!(refused.status, Some(StatusCode::BAD_REQUEST), "{name}");
    }
    let cookies = world.browser.cookies();
    let cookies: Vec<_> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let fields = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.chain([allow]))
        .finish();
    for origin in ["https://evil.example", "null"] {
        let request = Request::post("/callback/dev")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::ORIGIN, origin)
            .body(body.clone().into())
            .unwrap();
        let answer = world.web.send(request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{origin}");
        assert!(answer.headers().get(header::LOCATION).is_none());
    }
    // The sign-in alone, without the question, is no answer to it.
    let who = world
        .browser
        .cookies()
        .into_keys()
        .find(|name| name.starts_with("who-"));
    let who = who.unwrap();
    let kept = world.browser.cookies()[&who].clone();
    world.browser.plant(&who, &kept.replace('.', ".A"));
    let refused = world.browser.submit(&world.web, &form, allow).await;
    assert_eq!(refused.status, Some(StatusCode::BAD_REQUEST));
    world.browser.plant(&who, &kept);
    let back = world.browser.submit(&world.web, &form, allow).await;
    assert!(back.parameter("code").is_some(), "the true one still works");
}

async fn a_session_that_is_not_ours_spares_nobody(world: World<impl Web>) {
    ada_allows(&world, WEB_REDIRECT).await;
    let session = world.browser.cookies()["session"].clone();
    let (signed, _) = session.rsplit_once('.').unwrap();
    let access = world.client.id.clone();
    for forged in [
        format!("{signed}.AAAA"),
        format!("{session}A"),
        session.replacen('e', "f", 1),
        access,
        "x".repeat(5000),
        "1".to_owned(),
    ] {
        world.browser.plant("session", &forged);
        assert!(is_whole(&asked(&world, &[WEB]).await), "{forged}");
    }
    world.browser.plant("session", &session);
    assert_eq!(asked(&world, &[WEB]).await.url.path(), "/login/dev");
}

async fn a_revoked_approval_is_forgotten(world: World<impl Web>) {
    let tokens = ada_allows(&world, WEB_REDIRECT).await;
    let form = [
        ("client_id", world.client.id.as_str()),
        ("token", tokens.refresh.as_str()),
    ];
    let revoked = post_form(&world.web, "/revoke", &form).await;
    assert_eq!(revoked.status(), StatusCode::OK);
    assert!(is_whole(&asked(&world, &[WEB]).await));
}

async fn one_browser_has_one_session(world: World<impl Web>) {
    ada_allows(&world, WEB_REDIRECT).await;
    let session = world.browser.cookies()["session"].clone();
    let back = world.sign_in(&asked(&world, &[WEB]).await, "ada").await;
    assert!(back.parameter("code").is_some());
    assert_eq!(
        world.browser.cookies()["session"],
        session,
        "it lives already"
    );
}

#[tokio::test]
async fn a_session_ends_after_half_a_day_and_with_its_row() {
    let world = super::in_memory().await;
    ada_allows(&world, WEB_REDIRECT).await;
    assert_eq!(world.web.host().session_count(), 1);
    world
        .web
        .pass(std::time::Duration::from_secs(12 * 3600 - 60))
        .await;
    assert_eq!(asked(&world, &[WEB]).await.url.path(), "/login/dev");
    world.web.pass(std::time::Duration::from_secs(61)).await;
    assert!(is_whole(&asked(&world, &[WEB]).await));
}

#[tokio::test]
async fn a_store_that_does_not_answer_spares_nobody_and_stops_nobody() {
    let world = super::in_memory().await;
    ada_allows(&world, WEB_REDIRECT).await;
    world.web.host().store_is_down(true);
    assert!(is_whole(&asked(&world, &[WEB]).await));
    let quiet = asked(&world, &[WEB, ("prompt", "none")]).await;
    let error = quiet.parameter("error");
    assert_eq!(error.as_deref(), Some("temporarily_unavailable"));
}
