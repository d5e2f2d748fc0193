//! Session fixation and login CSRF. The attacker began a sign-in in their own browser and sends its
//! links, or its cookies, to the victim; they want the victim to finish it, or to use the
//! attacker's account unawares.
//!
//! *Invariant:* a sign-in goes on only in the browser that consented to it, and what a browser was
//! made to hold names no sign-in but its own.

use harness::Web;
use harness::World;
use harness::browser::Browser;
use harness::client::{Tokens, call, message};
use http::{StatusCode, header};
use serde_json::json;

use super::{assert_page, assert_unharmed, claims, cookies, get_with};

super::everywhere!(on_a_patient_host:
    a_sign_in_that_the_attacker_began_is_not_the_victims_to_finish,
    a_sign_in_that_the_attacker_finished_is_nothing_in_another_browser,
    a_planted_cookie_leads_nowhere,
    a_flood_of_planted_cookies_costs_the_victim_a_retry_at_most,
    a_session_id_authenticates_nobody,
);

async fn a_sign_in_that_the_attacker_began_is_not_the_victims_to_finish(world: World<impl Web>) {
    let theirs = World {
        browser: Browser::default(),
        client: world.client.clone(),
        web: &world.web,
    };
    let consent = theirs.ask().await;
    let people = theirs.agree(&consent).await;
    assert_page(
        &world.browser.open(&world.web, people.url.as_str()).await,
        "the link to the provider",
    );
    let form = people.form("/login/dev");
    assert_page(
        &world
            .browser
            .submit(&world.web, &form, ("person", "ada"))
            .await,
        "its form",
    );
    let form = consent.form("/consent");
    assert_page(
        &world
            .browser
            .submit(&world.web, &form, ("provider", "dev"))
            .await,
        "the consent",
    );
    let state = form_state(&people);
    let link = format!("/callback/dev?code=ada&state={state}");
    assert_page(&world.browser.open(&world.web, &link).await, "the way back");
    assert!(
        world.browser.cookies().is_empty(),
        "nothing was planted on the way"
    );
    // Nothing was burnt either: whoever began it may finish it.
    let back = theirs.sign_in(&people, "mallory").await;
    assert!(back.parameter("code").is_some(), "{back:?}");
    assert_unharmed(&world).await;
}

fn form_state(people: &harness::browser::Screen) -> String {
    let fields = people.form("/login/dev").fields;
    fields
        .into_iter()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
}

async fn a_sign_in_that_the_attacker_finished_is_nothing_in_another_browser(
    world: World<impl Web>,
) {
    let theirs = World {
        browser: Browser::default(),
        client: world.client.clone(),
        web: &world.web,
    };
    let people = theirs.agree(&theirs.ask().await).await;
    let link = format!("/callback/dev?code=mallory&state={}", form_state(&people));
    // The victim has a sign-in of their own open meanwhile.
    let own = world.agree(&world.ask().await).await;
    assert_page(
        &world.browser.open(&world.web, &link).await,
        "the attacker's way back",
    );
    let back = world.sign_in(&own, "ada").await;
    let answer = world
        .client
        .exchange(&world.web, &back.parameter("code").unwrap())
        .await;
    assert_eq!(claims(&Tokens::read(&answer).access)["sub"], "dev:ada");
}

async fn a_planted_cookie_leads_nowhere(world: World<impl Web>) {
    let theirs = World {
        browser: Browser::default(),
        client: world.client.clone(),
        web: &world.web,
    };
    let attackers = theirs.agree(&theirs.ask().await).await;
    let (_, sealed) = theirs.browser.cookies().pop_first().unwrap();
    let own = world.agree(&world.ask().await).await;
    let id = own.parameter("transaction").unwrap();
    let (name, value) = world.browser.cookies().pop_first().unwrap();
    assert_eq!(name, format!("tx-{id}"));
    let state = form_state(&own);
    let address = format!("/callback/dev?code=ada&state={state}");
    // A sibling site can set a cookie of any name; the browser sends the longest path first.
    for planted in [
        format!("{name}={sealed}"),
        format!("{name}={sealed}; {name}={value}"),
        format!("{name}=; {name}={value}"),
        format!("{name}=x"),
        format!("__Host-{name}={value}"),
        format!("__Secure-{name}={value}"),
        format!("__host-{name}={value}"),
        format!("{}={value}", name.to_ascii_uppercase()),
        format!("tx={value}"),
        format!("tx-={value}"),
        format!("$Version=1, {name}={value}"),
        format!("a=\"; {name}={sealed}; \"; {name}={value}"),
    ] {
        let answer = get_with(&world.web, &address, &[("cookie", &planted)]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{planted}");
        assert!(
            !answer.headers().contains_key(header::LOCATION),
            "{planted}"
        );
    }
    // The attacker's own sign-in, with the attacker's cookie, is the attacker's.
    let answer = get_with(
        &world.web,
        &format!(
            "/callback/dev?code=mallory&state={}",
            form_state(&attackers)
        ),
        &[("cookie", &format!("{name}={value}; {name}={sealed}"))],
    )
    .await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let back = world.sign_in(&own, "ada").await;
    let answer = world
        .client
        .exchange(&world.web, &back.parameter("code").unwrap())
        .await;
    assert_eq!(claims(&Tokens::read(&answer).access)["sub"], "dev:ada");
}

async fn a_flood_of_planted_cookies_costs_the_victim_a_retry_at_most(world: World<impl Web>) {
    for number in 0..40_u8 {
        let id = jose::encode([number; 16]);
        world.browser.plant(&format!("tx-{id}"), "planted");
        world.browser.plant(&format!("csrf-{id}"), "planted");
    }
    // The odd ones go first, so that the victim's own has room.
    let people = world.agree(&world.ask().await).await;
    let back = world.sign_in(&people, "ada").await;
    assert!(back.parameter("code").is_some(), "{back:?}");
    world.ask().await;
    assert!(
        world.browser.cookies().len() <= 7,
        "{:?}",
        cookies(&world.browser)
    );
    // What another application of this host name sets is none of our business.
    world.browser.forget();
    let own = world.agree(&world.ask().await).await;
    let address = format!("/callback/dev?code=ada&state={}", form_state(&own));
    let mine = cookies(&world.browser);
    for other in [
        "name=Zoë",
        "=",
        "a",
        ";;;",
        "a=b=c",
        "\u{2000}b=c",
        "__Host-x=\u{1f36a}",
    ] {
        let cookie = format!("{other}; {mine}");
        let page = get_with(&world.web, &format!("{address}0"), &[("cookie", &cookie)]).await;
        let text = String::from_utf8_lossy(page.body()).into_owned();
        assert!(
            text.contains("<code>state</code> is not the one"),
            "{other}: its own cookie was found: {text}"
        );
    }
}

async fn a_session_id_authenticates_nobody(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let listed = call(&world.web, &tokens.access, "tools/list", json!({})).await;
    let session = listed.headers().get("mcp-session-id").cloned();
    let guess = session
        .as_ref()
        .map_or("1", |id| id.to_str().unwrap())
        .to_owned();
    for (name, value) in [
        ("mcp-session-id", guess.as_str()),
        ("mcp-session-id", "dev:ada"),
        ("cookie", "session=dev:ada"),
        ("last-event-id", "1"),
        ("remote-user", "dev:ada"),
        ("x-postern-subject", "dev:ada"),
    ] {
        let mut request = message("x", "tools/list", json!({}));
        request.headers_mut().remove(header::AUTHORIZATION);
        request.headers_mut().insert(name, value.parse().unwrap());
        let answer = world.web.send(request).await;
        super::assert_refused(&answer, 401, "authentication_required", name);
    }
}
