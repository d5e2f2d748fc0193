//! Audience confusion. The attacker has a token, or a request for one, that names another resource
//! in a way that looks like ours; they want it taken here, or one of ours to be made for elsewhere.
//!
//! *Invariant:* a token's audience is one of this identity's own resources, byte for byte, and a
//! token for one of them opens no other.

use harness::Web;
use harness::World;
use harness::client::{REDIRECT, Tokens, VERIFIER, body, call, message};
use http::StatusCode;
use serde_json::json;

use super::{assert_refused, authority, claims, neighbour};

super::everywhere!(on_a_patient_host:
    a_resource_is_ours_or_none,
    what_was_granted_for_one_resource_is_not_widened,
    a_token_is_good_where_it_was_issued_for,
);

/// Names that are near ours. Where a name becomes ours (RFC 3986 §6.2.2), so does the audience.
fn near(issuer: &str) -> Vec<(String, bool)> {
    let host = authority(issuer);
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    vec![
        (format!("{issuer}/mcp"), true),
        (format!("{issuer}/mcp/"), true),
        (issuer.to_ascii_uppercase() + "/mcp", true),
        (format!("{issuer}/mcp#"), false),
        (format!("{issuer}/mcp#x"), false),
        (format!("{issuer}/mcp?"), false),
        (format!("{issuer}/mcp?x=1"), false),
        (format!("{issuer}/MCP"), false),
        (format!("{issuer}/mcp/x"), false),
        (format!("{issuer}/mcpx"), false),
        (format!("{issuer}/%6dcp"), false),
        (format!("{issuer}/mcp%2F"), false),
        (format!("{issuer}/mcp;x"), false),
        (format!("{issuer}//mcp"), false),
        (format!("{issuer}/"), false),
        (issuer.to_owned(), false),
        ("*".to_owned(), false),
        ("/mcp".to_owned(), false),
        (format!("//{host}/mcp"), false),
        (format!("https://{host}/mcp"), false),
        (format!("http://user@{host}/mcp"), false),
        (format!("http://localhost.:{port}/mcp"), false),
        (format!("http://localhost.evil.example:{port}/mcp"), false),
        (format!("http://evil.example/{issuer}/mcp"), false),
        (format!("http://evil.example#{issuer}/mcp"), false),
        (format!("http://localhost:1{port}/mcp"), false),
        (format!("http://127.0.0.1:{port}/mcp"), false),
        (format!("{issuer}/mcp {issuer}/sse"), false),
        (format!("[\"{issuer}/mcp\"]"), false),
        ("urn:mcp".to_owned(), false),
        ("https://evil.example/mcp".to_owned(), false),
    ]
}

async fn a_resource_is_ours_or_none(world: World<impl Web>) {
    let tokens = world.tokens("ada").await;
    let ours = format!("{}/mcp", world.web.issuer());
    for (name, named) in near(world.web.issuer()) {
        let link = world.client.authorize_url(&[("resource", &name)]);
        let page = world.browser.open(&world.web, &link).await;
        let asked = page.status == Some(StatusCode::OK);
        assert_eq!(asked, named, "{name}");
        if !named {
            assert_eq!(
                page.parameter("error").as_deref(),
                Some("invalid_target"),
                "{name}"
            );
        }
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.refresh),
            ("resource", &name),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        if named {
            assert_eq!(claims(&Tokens::read(&answer).access)["aud"], ours, "{name}");
        } else {
            assert_refused(&answer, 400, "invalid_target", &name);
        }
    }
    // One that is not ours beside one that is spoils both.
    let link = format!(
        "{}&resource=https://evil.example/mcp",
        world.client.authorize_url(&[])
    );
    let back = world.browser.open(&world.web, &link).await;
    assert_eq!(back.parameter("error").as_deref(), Some("invalid_target"));
}

async fn what_was_granted_for_one_resource_is_not_widened(world: World<impl Web>) {
    let (mcp, sse) = (
        format!("{}/mcp", world.web.issuer()),
        format!("{}/sse", world.web.issuer()),
    );
    let code = world.code("ada").await;
    let spend = async |resource: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
            ("resource", resource),
        ];
        world.client.token(&world.web, &fields).await
    };
    assert_refused(&spend(&sse).await, 400, "invalid_target", "at the exchange");
    let tokens = Tokens::read(&spend(&mcp).await);
    for resource in [sse.as_str(), "https://evil.example/mcp"] {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh.as_str()),
            ("resource", mcp.as_str()),
            ("resource", resource),
        ];
        let answer = world.client.token(&world.web, &fields).await;
        assert_refused(&answer, 400, "invalid_target", resource);
    }
}

async fn a_token_is_good_where_it_was_issued_for(world: World<impl Web>) {
    let link = world
        .client
        .authorize_url(&[("resource", &format!("{}/sse", world.web.issuer()))]);
    let consent = world.browser.open(&world.web, &link).await;
    let people = world.agree(&consent).await;
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("resource", ""),
    ];
    let narrow = Tokens::read(&world.client.token(&world.web, &fields).await);
    assert_eq!(
        claims(&narrow.access)["aud"],
        format!("{}/sse", world.web.issuer())
    );
    let answer = call(&world.web, &narrow.access, "tools/list", json!({})).await;
    assert_refused(&answer, 401, "invalid_token", "a token for /sse at /mcp");
    // The neighbour has the same keys and is another resource all the same.
    let good = world.tokens("ada").await;
    let mut request = message(&good.access, "tools/list", json!({}));
    request
        .headers_mut()
        .insert("host", authority(&neighbour(&world.web)).parse().unwrap());
    let answer = world.web.send(request).await;
    assert_refused(&answer, 401, "invalid_token", "at the neighbour");
    let challenge = answer.headers()["www-authenticate"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(challenge.contains(&neighbour(&world.web)), "{challenge}");
    let answer = call(&world.web, &good.access, "tools/list", json!({})).await;
    assert!(body(&answer)["result"]["tools"].is_array());
}
