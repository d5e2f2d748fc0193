//! Nobody is redirected who should not be, nothing is burnt, and a token is for one resource.

use harness::client::{REDIRECT, Tokens, body};
use harness::confidential::{Confidential, Proof};
use harness::{Web, World};
use http::{StatusCode, header};
use serde_json::json;

use super::{Dated, ask, claims, code_for, error, exchange, is_not_burnt, tools};

super::in_every_date! {
    of_every_date since D20250326:
        an_unregistered_redirect_uri_is_not_redirected_to,
        an_unknown_client_is_not_redirected_to,
        another_redirect_uri_at_the_token_endpoint_does_not_burn_the_code,
        a_wrong_secret_is_challenged_and_does_not_burn_the_code,
        a_client_with_client_secret_post_signs_a_person_in,
        a_request_without_a_resource_is_for_the_mcp_endpoint;
    since_resource_indicators since D20250618:
        a_resource_left_out_is_the_one_that_there_is,
        a_resource_with_a_fragment_is_refused,
        a_resource_that_is_not_ours_is_refused,
        a_resource_in_canonical_form_is_taken;
    since_issuer_identification since D20260728:
        a_success_names_its_issuer_exactly_once,
        an_error_names_its_issuer_exactly_once,
        offline_access_is_the_authorization_servers_alone;
}

async fn an_unregistered_redirect_uri_is_not_redirected_to(world: World<Dated<impl Web>>) {
    for uri in [
        "https://evil.example/callback",
        &format!("{REDIRECT}/"),
        "http://localhost:33418/callback",
    ] {
        let page = ask(&world, &[("redirect_uri", uri)]).await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{uri}");
        assert!(page.headers.get(header::LOCATION).is_none());
        assert!(!page.page.contains("evil.example"), "it is not even a link");
    }
}

async fn an_unknown_client_is_not_redirected_to(world: World<Dated<impl Web>>) {
    for id in ["nobody", "", "a.b.c"] {
        let page = ask(&world, &[("client_id", id)]).await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST), "{id}");
        assert!(page.headers.get(header::LOCATION).is_none());
    }
}

async fn another_redirect_uri_at_the_token_endpoint_does_not_burn_the_code(
    world: World<Dated<impl Web>>,
) {
    let code = code_for(&world, &[]).await;
    // The last is a port that the authorization endpoint would have taken, and did not.
    for uri in ["https://evil.example/", &REDIRECT.replace("33418", "33419")] {
        let refused = exchange(&world, &code, &[("redirect_uri", uri)]).await;
        assert_eq!(error(&refused), super::invalid_grant(), "{uri}");
    }
    is_not_burnt(&world, &code).await;
}

async fn a_wrong_secret_is_challenged_and_does_not_burn_the_code(
    mut world: World<Dated<impl Web>>,
) {
    let keeper = Confidential::register(&world.web, &world.client, None).await;
    world.client = keeper.client;
    let code = code_for(&world, &[]).await;
    let wrong = Proof::Basic("a-guess-at-the-secret");
    let refused = world.client.exchange_as(&world.web, wrong, &code).await;
    assert_eq!(error(&refused), (401, "invalid_client".to_owned()));
    assert!(super::challenge(&refused).starts_with("Basic "));
    let right = Proof::Basic(&keeper.secret);
    Tokens::read(&world.client.exchange_as(&world.web, right, &code).await);
}

async fn a_client_with_client_secret_post_signs_a_person_in(mut world: World<Dated<impl Web>>) {
    let method = Some("client_secret_post");
    let keeper = Confidential::register(&world.web, &world.client, method).await;
    world.client = keeper.client;
    let code = code_for(&world, &[]).await;
    let proof = Proof::Post(&keeper.secret);
    let tokens = Tokens::read(&world.client.exchange_as(&world.web, proof, &code).await);
    let listed = tools(&world, Some(&tokens.access)).await;
    assert_eq!(listed.status(), StatusCode::OK);
}

/// The audience of a token, when nobody names a resource anywhere.
async fn audience_of_nothing(world: &World<impl Web>) -> serde_json::Value {
    let code = code_for(world, &[("resource", "")]).await;
    let tokens = Tokens::read(&exchange(world, &code, &[("resource", "")]).await);
    claims(&tokens.access)["aud"].clone()
}

async fn a_request_without_a_resource_is_for_the_mcp_endpoint(world: World<Dated<impl Web>>) {
    let audience = audience_of_nothing(&world).await;
    assert_eq!(audience, json!(format!("{}/mcp", world.web.issuer())));
}

async fn a_resource_left_out_is_the_one_that_there_is(world: World<Dated<impl Web>>) {
    let audience = audience_of_nothing(&world).await;
    assert_eq!(audience, world.client.resource["resource"]);
}

/// At the authorization endpoint, and at the token endpoint without burning the code.
async fn is_no_target(world: &World<Dated<impl Web>>, resource: &str) {
    let back = ask(world, &[("resource", resource)]).await;
    assert_eq!(back.parameter("error").as_deref(), Some("invalid_target"));
    let code = code_for(world, &[]).await;
    let refused = exchange(world, &code, &[("resource", resource)]).await;
    assert_eq!(error(&refused), (400, "invalid_target".to_owned()));
    is_not_burnt(world, &code).await;
}

async fn a_resource_with_a_fragment_is_refused(world: World<Dated<impl Web>>) {
    // RFC 8707 §2.
    let resource = format!("{}/mcp#part", world.web.issuer());
    is_no_target(&world, &resource).await;
}

async fn a_resource_that_is_not_ours_is_refused(world: World<Dated<impl Web>>) {
    let issuer = world.web.issuer().to_owned();
    for resource in [
        "https://other.example/mcp",
        &issuer,
        &format!("{issuer}/mcp/other"),
    ] {
        is_no_target(&world, resource).await;
    }
}

async fn a_resource_in_canonical_form_is_taken(world: World<Dated<impl Web>>) {
    let resource = world.client.resource["resource"]
        .as_str()
        .unwrap()
        .to_owned();
    let code = code_for(&world, &[("resource", &resource)]).await;
    let tokens = Tokens::read(&exchange(&world, &code, &[("resource", &resource)]).await);
    assert_eq!(claims(&tokens.access)["aud"], resource);
    let listed = tools(&world, Some(&tokens.access)).await;
    assert_eq!(listed.status(), StatusCode::OK, "{}", body(&listed));
}

fn named(back: &harness::browser::Screen) -> Vec<String> {
    let pairs = back.url.query_pairs();
    let issuers = pairs.filter(|(name, _)| name == "iss");
    issuers.map(|(_, issuer)| issuer.into_owned()).collect()
}

async fn a_success_names_its_issuer_exactly_once(world: World<Dated<impl Web>>) {
    let people = world.agree(&ask(&world, &[]).await).await;
    let back = world.sign_in(&people, "ada").await;
    assert!(back.parameter("code").is_some());
    assert_eq!(named(&back), [world.web.issuer()]);
}

async fn an_error_names_its_issuer_exactly_once(world: World<Dated<impl Web>>) {
    let refused = ask(&world, &[("response_type", "token")]).await;
    let form = ask(&world, &[]).await.form("/consent");
    let denied = world
        .browser
        .submit(&world.web, &form, ("decision", "deny"))
        .await;
    for back in [refused, denied] {
        assert!(back.parameter("error").is_some());
        assert_eq!(named(&back), [world.web.issuer()]);
    }
}

async fn offline_access_is_the_authorization_servers_alone(world: World<Dated<impl Web>>) {
    let scopes = |document: &serde_json::Value| document["scopes_supported"].to_string();
    assert!(scopes(&world.client.metadata).contains("offline_access"));
    assert!(!scopes(&world.client.resource).contains("offline_access"));
    let challenged = tools(&world, None).await;
    assert!(!super::challenge(&challenged).contains("offline_access"));
}
