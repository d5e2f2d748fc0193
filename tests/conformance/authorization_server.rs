//! Discovery, and the authorization code flow with PKCE.

use harness::client::{body, get};
use harness::{Web, World};
use http::StatusCode;
use serde_json::json;

use super::{Dated, ask, code_for, error, exchange, is_not_burnt, tools};

super::in_every_date! { of_every_date since D20250326:
    metadata_says_what_rfc_8414_asks_for,
    a_public_client_signs_a_person_in_with_s256,
    a_request_without_pkce_is_refused,
    a_plain_challenge_is_refused,
    a_challenge_without_a_method_is_refused,
    a_challenge_by_an_unknown_method_is_refused,
    a_verifier_that_does_not_answer_the_challenge_is_refused;
}

async fn metadata_says_what_rfc_8414_asks_for(world: World<Dated<impl Web>>) {
    let issuer = world.web.issuer();
    let answer = get(&world.web, "/.well-known/oauth-authorization-server").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let metadata = body(&answer);
    for (name, value) in [
        ("issuer", json!(issuer)),
        (
            "authorization_endpoint",
            json!(format!("{issuer}/authorize")),
        ),
        ("token_endpoint", json!(format!("{issuer}/token"))),
        ("registration_endpoint", json!(format!("{issuer}/register"))),
        ("revocation_endpoint", json!(format!("{issuer}/revoke"))),
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
    ] {
        assert_eq!(metadata[name], value, "{name}");
    }
    for (name, value) in [
        ("grant_types_supported", "authorization_code"),
        ("grant_types_supported", "refresh_token"),
        ("token_endpoint_auth_methods_supported", "none"),
        (
            "token_endpoint_auth_methods_supported",
            "client_secret_basic",
        ),
        (
            "token_endpoint_auth_methods_supported",
            "client_secret_post",
        ),
    ] {
        let told = metadata[name].as_array().unwrap();
        assert!(told.contains(&json!(value)), "{value} in {name}");
    }
}

async fn a_public_client_signs_a_person_in_with_s256(world: World<Dated<impl Web>>) {
    let tokens = world.tokens("ada").await;
    let listed = tools(&world, Some(&tokens.access)).await;
    assert_eq!(listed.status(), StatusCode::OK, "{}", body(&listed));
    assert!(
        !body(&listed)["result"]["tools"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

/// The client is told, with its state, and no page asks the person anything.
async fn is_refused(world: &World<impl Web>, more: &[(&str, &str)]) {
    let back = ask(world, more).await;
    assert_eq!(back.parameter("error").as_deref(), Some("invalid_request"));
    assert_eq!(
        back.parameter("state").as_deref(),
        Some("the client's state")
    );
    assert_eq!(back.parameter("code"), None);
}

async fn a_request_without_pkce_is_refused(world: World<Dated<impl Web>>) {
    is_refused(
        &world,
        &[("code_challenge", ""), ("code_challenge_method", "")],
    )
    .await;
    is_refused(&world, &[("code_challenge", "")]).await;
}

async fn a_plain_challenge_is_refused(world: World<Dated<impl Web>>) {
    is_refused(&world, &[("code_challenge_method", "plain")]).await;
}

async fn a_challenge_without_a_method_is_refused(world: World<Dated<impl Web>>) {
    // RFC 7636 §4.3: it would mean `plain`.
    is_refused(&world, &[("code_challenge_method", "")]).await;
}

async fn a_challenge_by_an_unknown_method_is_refused(world: World<Dated<impl Web>>) {
    for method in ["S512", "s256", "none"] {
        is_refused(&world, &[("code_challenge_method", method)]).await;
    }
}

async fn a_verifier_that_does_not_answer_the_challenge_is_refused(world: World<Dated<impl Web>>) {
    let code = code_for(&world, &[]).await;
    let other = "a".repeat(43);
    let refused = exchange(&world, &code, &[("code_verifier", &other)]).await;
    assert_eq!(error(&refused), super::invalid_grant());
    let refused = exchange(&world, &code, &[("code_verifier", "")]).await;
    assert_eq!(error(&refused), (400, "invalid_request".to_owned()));
    is_not_burnt(&world, &code).await;
}
