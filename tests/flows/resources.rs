//! A token says for which of our resources it is (RFC 8707), and opens no other.

use bytes::Bytes;
use harness::client::{REDIRECT, Tokens, VERIFIER, body, message};
use harness::{Web, World};
use http::{Response, StatusCode};
use serde_json::{Value, json};

super::everywhere!(on_a_patient_host:
    a_client_may_name_several_and_the_page_shows_each,
    a_token_request_narrows_and_never_widens,
    a_refresh_narrows_one_token_and_not_the_grant,
    the_older_door_opens_to_tokens_of_the_newer_and_not_the_other_way_round,
    a_challenge_names_the_metadata_of_the_resource_that_was_asked,
    none_or_a_foreign_one_among_them_is_refused,
);

fn audience(answer: &Response<Bytes>) -> Value {
    let token = Tokens::read(answer).access;
    let claims = jose::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["aud"].clone()
}

fn both(world: &World<impl Web>) -> [String; 2] {
    ["/mcp", "/sse"].map(|path| format!("{}{path}", world.web.issuer()))
}

/// A code for the resources that are named, on a browser that nobody used before.
async fn code_for(world: &World<impl Web>, resources: &[&str]) -> String {
    world.browser.forget();
    let named: Vec<_> = resources.iter().map(|name| ("resource", *name)).collect();
    let asked = world.client.authorize_url(&named);
    let consent = world.browser.open(&world.web, &asked).await;
    for name in resources {
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        assert!(consent.page.contains(&name), "{name} is not on the page");
    }
    let people = world.agree(&consent).await;
    let back = world.sign_in(&people, "ada").await;
    back.parameter("code").unwrap()
}

async fn exchange(world: &World<impl Web>, code: &str, resources: &[&str]) -> Response<Bytes> {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    fields.extend(named(resources));
    world.client.token(&world.web, &fields).await
}

async fn refresh(world: &World<impl Web>, token: &str, resources: &[&str]) -> Response<Bytes> {
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    fields.extend(named(resources));
    world.client.token(&world.web, &fields).await
}

/// An empty value keeps the client from naming its usual one.
fn named<'a>(resources: &[&'a str]) -> Vec<(&'static str, &'a str)> {
    match resources {
        [] => vec![("resource", "")],
        names => names.iter().map(|name| ("resource", *name)).collect(),
    }
}

async fn a_client_may_name_several_and_the_page_shows_each(world: World<impl Web>) {
    let [mcp, sse] = both(&world);
    for (asked, granted) in [
        (&[mcp.as_str(), &sse][..], json!([mcp, sse])),
        (&[sse.as_str(), &mcp, &sse], json!([mcp, sse])),
        (&[sse.as_str()], json!(sse)),
        // MCP 2026-07-28 asks servers to take these as the same.
        (
            &[format!("{}/", mcp.replace("http", "HTTP")).as_str()],
            json!(mcp),
        ),
    ] {
        let code = code_for(&world, asked).await;
        let exchanged = exchange(&world, &code, &[]).await;
        assert_eq!(audience(&exchanged), granted, "{asked:?}");
    }
}

async fn a_token_request_narrows_and_never_widens(world: World<impl Web>) {
    let [mcp, sse] = both(&world);
    let code = code_for(&world, &[&mcp, &sse]).await;
    assert_eq!(
        audience(&exchange(&world, &code, &[&sse]).await),
        json!(sse)
    );
    let code = code_for(&world, &[&mcp]).await;
    for wide in [&[sse.as_str()][..], &[&mcp, &sse]] {
        let refused = exchange(&world, &code, wide).await;
        assert_eq!(body(&refused)["error"], "invalid_target", "{wide:?}");
    }
    let exchanged = exchange(&world, &code, &[&mcp]).await;
    assert_eq!(audience(&exchanged), json!(mcp), "the code is still good");
}

async fn a_refresh_narrows_one_token_and_not_the_grant(world: World<impl Web>) {
    let [mcp, sse] = both(&world);
    let code = code_for(&world, &[&mcp, &sse]).await;
    let tokens = Tokens::read(&exchange(&world, &code, &[]).await);
    let narrow = refresh(&world, &tokens.refresh, &[&sse]).await;
    assert_eq!(audience(&narrow), json!(sse));
    let next = Tokens::read(&narrow).refresh;
    let refused = refresh(&world, &next, &["https://other.example/mcp"]).await;
    assert_eq!(body(&refused)["error"], "invalid_target");
    let wide = refresh(&world, &next, &[]).await;
    assert_eq!(audience(&wide), json!([mcp, sse]), "all that was agreed to");
}

async fn the_older_door_opens_to_tokens_of_the_newer_and_not_the_other_way_round(
    world: World<impl Web>,
) {
    let [mcp, sse] = both(&world);
    for (resource, path, expected) in [
        (&mcp, "/mcp", StatusCode::OK),
        (&mcp, "/sse", StatusCode::OK),
        (&sse, "/sse", StatusCode::OK),
        (&sse, "/mcp", StatusCode::UNAUTHORIZED),
    ] {
        let code = code_for(&world, &[resource]).await;
        let token = Tokens::read(&exchange(&world, &code, &[]).await).access;
        let mut request = message(&token, "tools/list", json!({}));
        *request.uri_mut() = path.parse().unwrap();
        let answer = world.web.send(request).await;
        assert_eq!(answer.status(), expected, "{resource} at {path}");
    }
}

async fn a_challenge_names_the_metadata_of_the_resource_that_was_asked(world: World<impl Web>) {
    for path in ["/mcp", "/sse"] {
        let mut request = message("x", "tools/list", json!({}));
        *request.uri_mut() = path.parse().unwrap();
        let answer = world.web.send(request).await;
        let challenge = answer.headers()[http::header::WWW_AUTHENTICATE]
            .to_str()
            .unwrap();
        let document = format!("/.well-known/oauth-protected-resource{path}");
        assert!(
            challenge.contains(&format!("{}{document}\"", world.web.issuer())),
            "{challenge}"
        );
        let metadata = body(&harness::client::get(&world.web, &document).await);
        assert_eq!(
            metadata["resource"],
            format!("{}{path}", world.web.issuer())
        );
    }
}

async fn none_or_a_foreign_one_among_them_is_refused(world: World<impl Web>) {
    let [mcp, _] = both(&world);
    let issuer = world.web.issuer();
    let [fragment, query, path] = ["#a", "?a=b", "x"].map(|end| format!("{mcp}{end}"));
    for asked in [
        &["https://other.example/mcp"][..],
        &[&mcp, "https://other.example/mcp"],
        &[&fragment],
        &[&query],
        &[&path],
        &[issuer],
    ] {
        let named: Vec<_> = asked.iter().map(|name| ("resource", *name)).collect();
        let url = world.client.authorize_url(&named);
        let back = world.browser.open(&world.web, &url).await;
        let error = back.parameter("error");
        assert_eq!(error.as_deref(), Some("invalid_target"), "{asked:?}");
    }
}
