//! What the MCP endpoint says to who has no token, a bad one, or one for something else.

use harness::client::{Tokens, body, get};
use harness::{Web, World};
use http::{StatusCode, header};
use serde_json::json;

use super::{Dated, challenge, code_for, error, exchange, is_not_burnt, tools};

super::in_every_date! {
    of_every_date since D20250326:
        without_credentials_the_challenge_is_bare,
        a_bad_token_is_an_invalid_token,
        metadata_stands_at_the_path_of_its_resource,
        the_challenge_leads_to_that_metadata,
        a_token_for_something_else_is_refused,
        a_token_request_for_more_resources_does_not_burn_the_code,
        the_scopes_to_begin_with_leave_offline_access_out;
    since_scope_challenges since D20251125:
        a_token_without_the_scope_is_told_which_it_needs;
}

/// The scopes of an ordinary client.
const BASELINE: &str = "mcp:tools profile";

fn metadata_url(world: &World<impl Web>) -> String {
    let issuer = world.web.issuer();
    format!("{issuer}/.well-known/oauth-protected-resource/mcp")
}

async fn without_credentials_the_challenge_is_bare(world: World<Dated<impl Web>>) {
    let mut requests = vec![super::list_tools(world.web.date, None)];
    // Neither another scheme nor a scheme alone is a token.
    for other in ["Basic YTpi", "Bearer", "DPoP x"] {
        let mut request = super::list_tools(world.web.date, None);
        let value = header::HeaderValue::from_static(other);
        request.headers_mut().insert(header::AUTHORIZATION, value);
        requests.push(request);
    }
    for request in requests {
        let answer = world.web.send(request).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let metadata = metadata_url(&world);
        let bare = format!(r#"Bearer resource_metadata="{metadata}", scope="{BASELINE}""#);
        // RFC 6750 §3.1: no error where nothing was presented.
        assert_eq!(challenge(&answer), bare);
    }
}

async fn a_bad_token_is_an_invalid_token(world: World<Dated<impl Web>>) {
    let tokens = world.tokens("ada").await;
    for token in ["x", "a.b.c", &tokens.refresh] {
        let answer = tools(&world, Some(token)).await;
        assert_eq!(error(&answer), (401, "invalid_token".to_owned()));
        let challenge = challenge(&answer);
        assert!(
            challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
        assert!(challenge.contains(&metadata_url(&world)), "{challenge}");
    }
    // RFC 9110 §11.1: the scheme may be written in any case.
    let mut request = super::list_tools(world.web.date, None);
    let value = format!("bEARER {}", tokens.access).parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, value);
    assert_eq!(world.web.send(request).await.status(), StatusCode::OK);
}

async fn metadata_stands_at_the_path_of_its_resource(world: World<Dated<impl Web>>) {
    let issuer = world.web.issuer();
    for path in ["/mcp", "/sse"] {
        let document = format!("/.well-known/oauth-protected-resource{path}");
        let document = body(&get(&world.web, &document).await);
        assert_eq!(document["resource"], format!("{issuer}{path}"));
        assert_eq!(document["authorization_servers"], json!([issuer]));
        assert_eq!(document["bearer_methods_supported"], json!(["header"]));
    }
}

async fn the_challenge_leads_to_that_metadata(world: World<Dated<impl Web>>) {
    let challenge = challenge(&tools(&world, None).await);
    let (_, rest) = challenge.split_once("resource_metadata=\"").unwrap();
    let (address, _) = rest.split_once('"').unwrap();
    assert_eq!(address, metadata_url(&world));
    let document = body(&get(&world.web, address).await);
    assert_eq!(document["resource"], format!("{}/mcp", world.web.issuer()));
}

async fn a_token_for_something_else_is_refused(world: World<Dated<impl Web>>) {
    let elsewhere = format!("{}/sse", world.web.issuer());
    let code = code_for(&world, &[("resource", &elsewhere)]).await;
    let tokens = Tokens::read(&exchange(&world, &code, &[("resource", "")]).await);
    let answer = tools(&world, Some(&tokens.access)).await;
    assert_eq!(error(&answer), (401, "invalid_token".to_owned()));
    assert!(challenge(&answer).contains(r#"error="invalid_token""#));
}

async fn a_token_request_for_more_resources_does_not_burn_the_code(world: World<Dated<impl Web>>) {
    let code = code_for(&world, &[]).await;
    let more = format!("{}/sse", world.web.issuer());
    let refused = exchange(&world, &code, &[("resource", &more)]).await;
    assert_eq!(error(&refused), (400, "invalid_target".to_owned()));
    is_not_burnt(&world, &code).await;
}

async fn the_scopes_to_begin_with_leave_offline_access_out(world: World<Dated<impl Web>>) {
    let baseline: Vec<_> = BASELINE.split(' ').collect();
    assert_eq!(world.client.resource["scopes_supported"], json!(baseline));
    let challenge = challenge(&tools(&world, None).await);
    assert!(
        challenge.contains(&format!("scope=\"{BASELINE}\"")),
        "{challenge}"
    );
}

async fn a_token_without_the_scope_is_told_which_it_needs(world: World<Dated<impl Web>>) {
    let code = code_for(&world, &[("scope", "profile")]).await;
    let tokens = Tokens::read(&exchange(&world, &code, &[]).await);
    let answer = tools(&world, Some(&tokens.access)).await;
    assert_eq!(error(&answer), (403, "insufficient_scope".to_owned()));
    let challenge = challenge(&answer);
    for told in [
        r#"error="insufficient_scope""#,
        &format!("scope=\"{BASELINE}\""),
        &format!("resource_metadata=\"{}\"", metadata_url(&world)),
        "error_description=",
    ] {
        assert!(challenge.contains(told), "{told} is not in {challenge}");
    }
}
