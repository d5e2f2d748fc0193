//! Clickjacking. The attacker shows our pages inside theirs, and wants the victim to press a button
//! that the victim cannot see.
//!
//! *Invariant:* no answer that a browser would show can be shown inside another page, sniffed for
//! another type, or kept by a cache.

use harness::Web;
use harness::World;
use http::{HeaderMap, StatusCode, header};

use super::{get_with, post};

super::everywhere!(on_a_patient_host: nothing_that_is_shown_can_be_framed);

async fn nothing_that_is_shown_can_be_framed(world: World<impl Web>) {
    let consent = world.ask().await;
    let people = world.agree(&consent).await;
    assert!(consent.page.contains("<button") && people.page.contains("<button"));
    assert_not_framed(&consent.headers, "the consent page");
    assert_not_framed(&people.headers, "the provider's page");
    let over = world
        .browser
        .open(&world.web, "/callback/dev?state=x")
        .await;
    assert_not_framed(&over.headers, "a refusal");
    let html = [("accept", "text/html")];
    for path in [
        "/",
        "/authorize",
        "/authorize?client_id=x",
        "/nothing",
        "/login/dev",
        "/callback/dev",
        "/health",
    ] {
        let answer = get_with(&world.web, path, &html).await;
        let kind = answer.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html")) {
            assert_not_framed(answer.headers(), path);
        } else {
            assert_inert(&answer, path);
        }
    }
    // What answers scripts in JSON shows nothing in a frame, and is not taken for a page.
    for path in ["/token", "/register", "/revoke", "/introspect", "/mcp"] {
        let answer = post(&world.web, path, &html, "<script>alert(1)</script>").await;
        assert_inert(&answer, path);
    }
    let foreign = get_with(&world.web, "/authorize", &[("host", "evil.example")]).await;
    assert_eq!(foreign.status(), StatusCode::MISDIRECTED_REQUEST);
    assert_not_framed(foreign.headers(), "a page of nobody");
}

fn assert_not_framed(headers: &HeaderMap, what: &str) {
    let header = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values
            .next()
            .unwrap_or_else(|| panic!("{what} has no {name}"));
        assert!(values.next().is_none(), "{what} has two of {name}");
        value.to_str().unwrap()
    };
    assert_eq!(header("x-frame-options"), "DENY", "{what}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("cache-control"), "no-store", "{what}");
    let policy = header("content-security-policy");
    for directive in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    for loose in [
        "unsafe-inline",
        "unsafe-eval",
        "script-src",
        "*",
        "http:",
        "https:",
    ] {
        assert!(!policy.contains(loose), "{what}: {policy}");
    }
    assert!(
        ["same-origin", "no-referrer"].contains(&header("referrer-policy")),
        "{what}"
    );
}

fn assert_inert(answer: &http::Response<bytes::Bytes>, what: &str) {
    let kind = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .map(|kind| kind.to_str().unwrap());
    let shown = answer.body().is_empty() || kind.is_some_and(|kind| !kind.contains("html"));
    assert!(shown, "{what}: {kind:?}");
    assert!(
        !String::from_utf8_lossy(answer.body()).contains("<script"),
        "{what} repeats it"
    );
}
