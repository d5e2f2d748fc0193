//! What a provider says wrongly signs nobody in, and tells nobody anything.

use harness::Web;
use harness::browser::Screen;
use http::StatusCode;
use serde_json::json;
use vendors::{Endpoint, Fault, Person, Quirk, Vendor};

use super::stage::{Stage, back, sent_back, to_vendor};

super::everywhere!(staged_in_memory, STAGED:
    what_does_not_hold_signs_nobody_in,
    a_provider_with_troubles_is_tried_again_by_a_reload,
    a_person_who_proved_themselves_too_long_ago_is_not_signed_in,
    nobody_without_an_address_is_kept_out_where_no_rule_needs_one,
);

/// A fault, and what comes of it.
struct Case {
    at: &'static str,
    quirk: Quirk,
    status: u16,
    reason: &'static str,
}

const fn case(at: &'static str, quirk: Quirk, status: u16, reason: &'static str) -> Case {
    Case {
        at,
        quirk,
        status,
        reason,
    }
}

const KEY: &str =
    "the ID token does not hold: the token's key is not among those that its issuer publishes";
const NONCE: &str = "the ID token's `nonce` is not the one this sign-in began with";
const GRANT: &str = "the provider takes the code or the refresh token no more";
const ITS_OWN: &str = "the provider refuses the request: an error of its own";

const CASES: &[Case] = &[
    case(
        "oidc",
        Quirk::WrongIssuer,
        502,
        "the ID token's `iss` is another issuer",
    ),
    case(
        "auth0",
        Quirk::WrongIssuer,
        502,
        "the ID token's `iss` is another issuer",
    ),
    case(
        "microsoft",
        Quirk::WrongIssuer,
        502,
        "the ID token's `iss` is another issuer",
    ),
    case(
        "oidc",
        Quirk::WrongAudience,
        502,
        "the ID token's `aud` does not name this client",
    ),
    case(
        "oidc",
        Quirk::WrongAuthorizedParty,
        502,
        "the ID token's `azp` is another client",
    ),
    case("oidc", Quirk::WrongNonce, 502, NONCE),
    case("oidc", Quirk::MissingNonce, 502, NONCE),
    case("oidc", Quirk::Expired, 502, "the ID token is expired"),
    case(
        "oidc",
        Quirk::NotYetValid,
        502,
        "the ID token's `nbf` lies in the future",
    ),
    case(
        "oidc",
        Quirk::IssuedInTheFuture,
        502,
        "the ID token's `iat` lies in the future",
    ),
    case(
        "oidc",
        Quirk::Unsigned,
        502,
        "the ID token does not hold: the token's header `alg` names an algorithm that is not \
         accepted here",
    ),
    case(
        "oidc",
        Quirk::SignedWithPublicKey,
        502,
        "the ID token does not hold: the token's header `alg` names an algorithm that is not \
         accepted here",
    ),
    case("oidc", Quirk::UnknownKeyId, 502, KEY),
    case("oidc", Quirk::UnlistedKey, 502, KEY),
    case("logto", Quirk::UnlistedKey, 502, KEY),
    case(
        "oidc",
        Quirk::WrongAccessTokenHash,
        502,
        "the ID token's `at_hash` is not that of the access token",
    ),
    case(
        "oidc",
        Quirk::DuplicateClaims,
        502,
        "the ID token does not hold: the token is not a compact JWT",
    ),
    case(
        "oidc",
        Quirk::MissingIdToken,
        502,
        "the provider's token answer has no ID token",
    ),
    case(
        "descope",
        Quirk::OtherSubject,
        502,
        "the userinfo endpoint speaks of another `sub` than the ID token",
    ),
    case(
        "oidc",
        Quirk::WrongIssuerParameter,
        502,
        "the provider's answer in the browser names another issuer",
    ),
    // Whoever never names an issuer has no other.
    case(
        "clerk",
        Quirk::WrongIssuerParameter,
        502,
        "the provider's answer in the browser names another issuer",
    ),
    case("oidc", Quirk::TokenErrorWith200, 400, GRANT),
    case("github", Quirk::TokenErrorWith200, 400, GRANT),
    case("oidc", Quirk::TokenError("invalid_grant"), 400, GRANT),
    case(
        "github",
        Quirk::TokenError("bad_verification_code"),
        400,
        GRANT,
    ),
    case(
        "oidc",
        Quirk::TokenError("invalid_client"),
        502,
        "the provider does not know this client: its id or its secret is wrong",
    ),
    case(
        "descope",
        Quirk::TokenError("invalid_client"),
        502,
        "the provider does not know this client: the variable `descope_client_secret` must be the \
         Inbound App's own secret: a management key is none",
    ),
    case(
        "oidc",
        Quirk::TokenError("invalid_request"),
        502,
        "the provider refuses the request: invalid_request",
    ),
    case(
        "oidc",
        Quirk::TokenError("<b>another.example</b>"),
        502,
        ITS_OWN,
    ),
    case(
        "oidc",
        Quirk::Broken(Endpoint::Token, Fault::Huge),
        502,
        "the provider's tokens cannot be had: the answer is larger than the limit",
    ),
    case(
        "oidc",
        Quirk::Broken(Endpoint::Token, Fault::NotJson),
        502,
        "the provider's token answer is none",
    ),
    case(
        "oidc",
        Quirk::Broken(Endpoint::Token, Fault::Redirect),
        502,
        ITS_OWN,
    ),
    case(
        "github",
        Quirk::Broken(Endpoint::Userinfo, Fault::NotJson),
        502,
        "the provider's userinfo cannot be understood",
    ),
    case(
        "github",
        Quirk::Broken(Endpoint::Userinfo, Fault::Redirect),
        502,
        "the provider answers for its userinfo with status 302",
    ),
    case(
        "github",
        Quirk::Broken(Endpoint::Emails, Fault::NotJson),
        502,
        "the provider's lists cannot be understood",
    ),
];

/// Whether a page tells nothing that came from a provider.
pub(super) fn assert_silent(page: &Screen, vendor: &Vendor, what: &str) {
    let text = page.page.replace(page.url.as_str(), "");
    for told in [
        vendor.authority(),
        "another",
        "As the test wants it",
        "somebody-else",
        "Lovelace",
        "ada@",
        "1001",
        "We will be back soon",
        "Internal Server Error",
        "ID token",
        "secret",
        "invalid_",
    ] {
        // What every such page says is no word of a provider.
        let ours = text.replace("have another account that", "");
        assert!(!ours.contains(told), "{what}: {told} in {text}");
    }
    assert!(!page.headers.contains_key(http::header::LOCATION), "{what}");
}

async fn what_does_not_hold_signs_nobody_in(stage: &Stage<impl Web>) {
    let world = &stage.world;
    for Case {
        at,
        quirk,
        status,
        reason,
    } in CASES
    {
        let what = format!("{at}: {quirk:?}");
        let vendor = stage.vendors.at(at);
        world.browser.forget();
        let there = to_vendor(world, at).await;
        vendor.quirk(quirk.clone());
        let page = back(world, vendor, &there).await;
        assert_eq!(
            page.status.map(|status| status.as_u16()),
            Some(*status),
            "{what}: {page:?}"
        );
        assert_silent(&page, vendor, &what);
        assert_eq!(stage.reason(&page).await, *reason, "{what}");
        assert_eq!(vendor.asked(Endpoint::Elsewhere), 0, "{what}");
        let left = world.browser.cookies();
        assert!(left.is_empty(), "{what}: the sign-in is over: {left:?}");
        // Neither the same answer nor a good one to the same question lets anybody in now.
        vendor.behave();
        for address in [page.url.to_string(), sent_back(vendor, &there)] {
            let again = world.browser.open(&world.web, &address).await;
            assert_eq!(again.status, Some(StatusCode::BAD_REQUEST), "{what}");
        }
        stage.tokens(at, Person::default()).await;
    }
}

async fn a_provider_with_troubles_is_tried_again_by_a_reload(stage: &Stage<impl Web>) {
    let world = &stage.world;
    for (quirk, reason) in [
        (
            Quirk::Broken(Endpoint::Token, Fault::InternalError),
            "the provider cannot answer now (status 500)",
        ),
        (
            Quirk::Broken(Endpoint::Token, Fault::Unavailable(7)),
            "the provider cannot answer now (status 503)",
        ),
        (
            Quirk::Broken(Endpoint::Token, Fault::TooManyRequests(7)),
            "the provider cannot answer now (status 429)",
        ),
        (
            Quirk::TokenError("temporarily_unavailable"),
            "the provider cannot answer now (status 400)",
        ),
    ] {
        let what = format!("{quirk:?}");
        let vendor = stage.vendors.at("oidc");
        world.browser.forget();
        let there = to_vendor(world, "oidc").await;
        vendor.quirk(quirk);
        let page = back(world, vendor, &there).await;
        assert_eq!(page.status, Some(StatusCode::SERVICE_UNAVAILABLE), "{what}");
        assert_silent(&page, vendor, &what);
        assert!(
            page.page.contains("eload this page"),
            "{what}: {}",
            page.page
        );
        assert_eq!(stage.reason(&page).await, reason, "{what}");
        vendor.behave();
        let back = world.browser.open(&world.web, page.url.as_str()).await;
        stage.spent(&back).await;
    }
}

async fn a_person_who_proved_themselves_too_long_ago_is_not_signed_in(stage: &Stage<impl Web>) {
    let world = &stage.world;
    let vendor = stage.vendors.at("oidc");
    let now = world.web.now().as_seconds();
    for (auth_time, status) in [(now - 3600, Some(StatusCode::BAD_GATEWAY)), (now, None)] {
        let claims = json!({ "auth_time": auth_time });
        vendor.person(Person {
            claims: claims.as_object().unwrap().clone(),
            ..Person::default()
        });
        world.browser.forget();
        let url = world.client.authorize_url(&[("max_age", "600")]);
        let consent = world.browser.open(&world.web, &url).await;
        let there = super::stage::choose(world, &consent, "oidc").await;
        let page = back(world, vendor, &there).await;
        assert_eq!(page.status, status, "{page:?}");
        if status.is_some() {
            let reason = "the ID token's `auth_time` is longer ago than the client allows";
            assert_eq!(stage.reason(&page).await, reason);
        }
    }
}

async fn nobody_without_an_address_is_kept_out_where_no_rule_needs_one(stage: &Stage<impl Web>) {
    for (id, quirk) in [
        ("oidc", Quirk::MissingEmail),
        ("oidc", Quirk::UnverifiedEmail),
        ("github", Quirk::MissingEmail),
        ("slack", Quirk::MissingEmail),
    ] {
        stage.vendors.at(id).quirk(quirk.clone());
        let who = stage.who(id, Person::default()).await;
        assert_eq!(who["name"], "Ada Lovelace", "{id}");
        assert_eq!(
            who.get("email").is_none(),
            quirk == Quirk::MissingEmail,
            "{id}: {who}"
        );
        stage.vendors.at(id).behave();
    }
}
