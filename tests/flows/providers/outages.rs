//! A provider that cannot be reached keeps people waiting, and signs nobody in by mistake.

use std::time::Duration;

use harness::MemoryWeb;
use harness::browser::Screen;
use host::FetchFailed;
use http::StatusCode;
use vendors::{Endpoint, Fault, Person, Quirk};

use super::refusals::assert_silent;
use super::stage::{Stage, back, to_vendor};

/// What ends by itself.
const PASSING: [Fault; 3] = [
    Fault::InternalError,
    Fault::Unavailable(5),
    Fault::TooManyRequests(5),
];

#[tokio::test]
async fn what_was_published_before_stands_in_for_a_day() {
    for (endpoint, fault) in [Endpoint::Discovery, Endpoint::Keys]
        .into_iter()
        .flat_map(|endpoint| PASSING.map(|fault| (endpoint, fault)))
    {
        let stage = super::staged_in_memory().await;
        let vendor = stage.vendors.at("oidc");
        stage.tokens("oidc", Person::default()).await;
        vendor.quirk(Quirk::Broken(endpoint, fault.clone()));
        for _ in 0..4 {
            stage.later(Duration::from_hours(5));
            stage.tokens("oidc", Person::default()).await;
        }
        assert!(vendor.asked(endpoint) > 1, "it is asked again");
        stage.later(Duration::from_hours(5));
        stage.world.browser.forget();
        let page = through(&stage).await;
        assert_eq!(
            page.status,
            Some(StatusCode::SERVICE_UNAVAILABLE),
            "{endpoint:?} {fault:?}"
        );
        vendor.behave();
        stage.tokens("oidc", Person::default()).await;
    }
}

/// As far as a sign-in gets: to a page of ours before the provider, or after it.
async fn through(stage: &Stage<MemoryWeb>) -> Screen {
    let there = to_vendor(&stage.world, "oidc").await;
    match there.status {
        Some(_) => there,
        None => back(&stage.world, stage.vendors.at("oidc"), &there).await,
    }
}

#[tokio::test]
async fn a_first_visit_during_an_outage_goes_on_by_a_reload() {
    for fault in PASSING {
        let stage = super::staged_in_memory().await;
        let (world, vendor) = (&stage.world, stage.vendors.at("oidc"));
        vendor.quirk(Quirk::Broken(Endpoint::Discovery, fault.clone()));
        let page = to_vendor(world, "oidc").await;
        assert_eq!(page.url.path(), "/login/oidc");
        assert_eq!(
            page.status,
            Some(StatusCode::SERVICE_UNAVAILABLE),
            "{fault:?}"
        );
        assert_silent(&page, vendor, "discovery");
        assert!(page.page.contains("eload this page"), "{}", page.page);
        vendor.behave();
        let there = world.browser.open(&world.web, page.url.as_str()).await;
        let back = back(world, vendor, &there).await;
        stage.spent(&back).await;
    }
}

#[tokio::test]
async fn what_takes_too_long_or_cannot_be_reached_is_an_outage() {
    let stage = super::staged_in_memory().await;
    for (failed, path) in [FetchFailed::Slow, FetchFailed::Unreachable]
        .into_iter()
        .flat_map(|failed| ["/token", "/jwks", "/openid-configuration"].map(|path| (failed, path)))
    {
        let stage = if path == "/token" {
            &stage
        } else {
            &super::staged_in_memory().await
        };
        let (world, vendor) = (&stage.world, stage.vendors.at("oidc"));
        world.browser.forget();
        if path == "/openid-configuration" {
            stage.vendors.cut(Some((path, failed)));
            let page = to_vendor(world, "oidc").await;
            waits(stage, &page, failed).await;
            continue;
        }
        let there = to_vendor(world, "oidc").await;
        stage.vendors.cut(Some((path, failed)));
        let page = back(world, vendor, &there).await;
        waits(stage, &page, failed).await;
        stage.vendors.cut(None);
        let again = world.browser.open(&world.web, page.url.as_str()).await;
        if path == "/token" {
            stage.spent(&again).await;
        } else {
            // The code was spent before it was known that nobody can read what came of it.
            assert_eq!(again.status, Some(StatusCode::BAD_REQUEST), "{path}");
        }
    }
}

async fn waits(stage: &Stage<MemoryWeb>, page: &Screen, failed: FetchFailed) {
    assert_eq!(page.status, Some(StatusCode::SERVICE_UNAVAILABLE));
    let reason = stage.reason(page).await;
    assert!(reason.ends_with(&failed.to_string()), "{reason}");
    assert_silent(page, stage.vendors.at("oidc"), "an outage");
}

#[tokio::test]
async fn what_is_published_wrongly_is_never_believed_or_kept() {
    use Endpoint::{Discovery, Keys};
    for (quirk, reason) in [
        (Quirk::DiscoveryIssuer, "issuer"),
        (Quirk::Broken(Discovery, Fault::NotJson), "metadata"),
        (
            Quirk::Broken(Discovery, Fault::Redirect),
            "metadata with status 302",
        ),
        (
            Quirk::Broken(Discovery, Fault::Huge),
            "larger than the limit",
        ),
        (Quirk::Broken(Keys, Fault::NotJson), "keys are refused"),
        (Quirk::Broken(Keys, Fault::Redirect), "keys with status 302"),
        (Quirk::Broken(Keys, Fault::Huge), "larger than the limit"),
    ] {
        let stage = super::staged_in_memory().await;
        let vendor = stage.vendors.at("oidc");
        vendor.quirk(quirk.clone());
        let page = through(&stage).await;
        assert_eq!(page.status, Some(StatusCode::BAD_GATEWAY), "{quirk:?}");
        assert_silent(&page, vendor, reason);
        let told = stage.reason(&page).await;
        assert!(told.contains(reason), "{quirk:?}: {told}");
        assert_eq!(vendor.asked(Endpoint::Elsewhere), 0, "{quirk:?}");
        vendor.behave();
        stage.tokens("oidc", Person::default()).await;
    }
}
