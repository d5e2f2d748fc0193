//! A provider's keys change, and tokens name keys that nobody has.

use std::time::Duration;

use http::StatusCode;
use vendors::{Endpoint, Person, Quirk};

/// Keys that were just fetched are not fetched again.
const COOL_DOWN: Duration = Duration::from_secs(31);

#[tokio::test]
async fn a_new_key_signs_people_in_after_one_more_fetch() {
    let stage = super::staged_in_memory().await;
    for id in ["oidc", "logto"] {
        let vendor = stage.vendors.at(id);
        stage.tokens(id, Person::default()).await;
        assert_eq!(vendor.asked(Endpoint::Keys), 1, "{id}");
        stage.later(COOL_DOWN);
        vendor.quirk(Quirk::RotatedKeys);
        for _ in 0..3 {
            stage.tokens(id, Person::default()).await;
        }
        assert_eq!(vendor.asked(Endpoint::Keys), 2, "{id}");
        assert_eq!(vendor.asked(Endpoint::Discovery), 1, "{id}");
    }
}

#[tokio::test]
async fn a_storm_of_unknown_keys_fetches_once_in_half_a_minute() {
    let stage = super::staged_in_memory().await;
    let vendor = stage.vendors.at("oidc");
    stage.tokens("oidc", Person::default()).await;
    for fetched in [1, 2, 3] {
        for quirk in [Quirk::UnknownKeyId, Quirk::UnlistedKey, Quirk::UnknownKeyId] {
            vendor.quirk(quirk);
            for _ in 0..4 {
                let page = stage.signs_in("oidc", Person::default()).await;
                assert_eq!(page.status, Some(StatusCode::BAD_GATEWAY));
            }
        }
        assert_eq!(vendor.asked(Endpoint::Keys), fetched);
        // Whoever has a good token is not in the way of the storm.
        vendor.behave();
        stage.tokens("oidc", Person::default()).await;
        assert_eq!(vendor.asked(Endpoint::Keys), fetched);
        stage.later(COOL_DOWN);
    }
}

#[tokio::test]
async fn a_key_that_comes_within_the_cool_down_signs_people_in_after_it() {
    let stage = super::staged_in_memory().await;
    let vendor = stage.vendors.at("oidc");
    stage.tokens("oidc", Person::default()).await;
    vendor.quirk(Quirk::RotatedKeys);
    let page = stage.signs_in("oidc", Person::default()).await;
    assert_eq!(page.status, Some(StatusCode::BAD_GATEWAY));
    stage.later(COOL_DOWN);
    stage.tokens("oidc", Person::default()).await;
    assert_eq!(vendor.asked(Endpoint::Keys), 2);
}
