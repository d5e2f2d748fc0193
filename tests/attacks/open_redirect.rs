//! Open redirect. The attacker has a link to this server and wants it to lead the victim to a page
//! of theirs, under our name.
//!
//! *Invariant:* this server redirects to itself and to registered redirect URIs, and what a link
//! says beside that changes neither.

use harness::Web;
use harness::World;
use http::header;

use super::get_with;

super::everywhere!(on_a_patient_host: no_link_to_us_leads_elsewhere);

async fn no_link_to_us_leads_elsewhere(world: World<impl Web>) {
    let people = world.agree(&world.ask().await).await;
    let state = people.form("/login/dev").fields[0].1.clone();
    let cookie = super::cookies(&world.browser);
    let evil = "https%3A%2F%2Fevil.example%2F";
    for name in [
        "next",
        "url",
        "redirect",
        "redirect_uri",
        "return_to",
        "continue",
        "dest",
        "target",
        "RelayState",
    ] {
        for path in [
            "/?",
            "/authorize?",
            "/login/dev?transaction=x&",
            "/callback/dev?code=nobody&",
            "/consent?",
            "/health?",
            "/mcp?",
            "/.well-known/oauth-authorization-server?",
        ] {
            assert_stays(&world, &format!("{path}{name}={evil}"), &cookie).await;
        }
        assert_stays(
            &world,
            &format!("/callback/dev?state={state}&code=nobody&{name}={evil}"),
            &cookie,
        )
        .await;
    }
    for path in [
        "//evil.example",
        "//evil.example/..",
        "/%2fevil.example",
        "/%2F%2Fevil.example/%2e%2e",
        "/.evil.example",
        "/@evil.example",
        "/;@evil.example",
        "/authorize/..//evil.example",
        "/token//evil.example",
        "/login/dev/https://evil.example",
        "/callback/https:%2f%2fevil.example",
        "/.well-known/oauth-protected-resource//evil.example",
        "/.well-known/openid-configuration/%0d%0aLocation:%20https://evil.example",
    ] {
        assert_stays(&world, path, &cookie).await;
    }
    let back = world.sign_in(&people, "ada").await;
    assert!(
        back.parameter("code").is_some(),
        "the sign-in was not disturbed: {back:?}"
    );
}

async fn assert_stays(world: &World<impl Web>, path: &str, cookie: &str) {
    let answer = get_with(&world.web, path, &[("cookie", cookie)]).await;
    let location = answer.headers().get(header::LOCATION);
    assert!(location.is_none(), "{path} leads to {location:?}");
    for name in ["refresh", "link", "content-location"] {
        assert!(!answer.headers().contains_key(name), "{path} has {name}");
    }
    let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
    assert!(!text.contains("evil.example"), "{path} repeats it: {text}");
    assert!(!text.contains("http-equiv=\"refresh\""), "{path}");
}
