//! Every loopback name is a server of its own, and no other name is one.

use bytes::Bytes;
use harness::client::{body, call, get};
use harness::{HttpWeb, Web, World, product};
use http::{Request, StatusCode, header};
use serde_json::json;

super::everywhere!(on_a_patient_host:
    a_foreign_host_is_nobody,
    a_forged_peer_is_not_believed,
    a_request_through_a_proxy_is_refused,
);

const DOCUMENT: &str = "/.well-known/oauth-protected-resource/mcp";

async fn with_header(web: &impl Web, path: &str, name: &str, value: &str) -> http::Response<Bytes> {
    web.send(
        Request::get(path)
            .header(name, value)
            .body(Bytes::new())
            .unwrap(),
    )
    .await
}

async fn a_foreign_host_is_nobody(world: World<impl Web>) {
    for host in [
        "evil.example",
        "evil.example:3000",
        "localhost.evil.example",
        "192.0.2.1:3000",
        "127.1",
    ] {
        for path in [
            DOCUMENT,
            "/.well-known/oauth-authorization-server",
            "/authorize",
        ] {
            let answer = with_header(&world.web, path, "host", host).await;
            assert_eq!(
                answer.status(),
                StatusCode::MISDIRECTED_REQUEST,
                "{host} {path}"
            );
            assert!(
                !String::from_utf8_lossy(answer.body()).contains(host),
                "{host} is not repeated"
            );
        }
    }
}

async fn a_forged_peer_is_not_believed(world: World<impl Web>) {
    // The true address is loopback and comes last, whatever the client says first.
    let answer = with_header(&world.web, DOCUMENT, "spin-client-addr", "192.0.2.1:1").await;
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn a_request_through_a_proxy_is_refused(world: World<impl Web>) {
    for name in ["x-forwarded-for", "forwarded", "x-forwarded-host"] {
        let answer = with_header(&world.web, DOCUMENT, name, "192.0.2.1").await;
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{name}");
    }
}

#[tokio::test]
async fn each_loopback_name_is_complete_and_its_tokens_stay_with_it() {
    let port = super::PATIENT.address().port();
    let mut tokens = Vec::new();
    let issuers = [
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{port}"),
    ];
    for issuer in &issuers {
        let world = World::new(HttpWeb::new(issuer.as_str())).await;
        assert_eq!(world.client.metadata["issuer"], *issuer);
        assert_eq!(world.client.resource["resource"], format!("{issuer}/mcp"));
        let issued = world.tokens("ada").await;
        assert_eq!(
            call(&world.web, &issued.access, "tools/list", json!({}))
                .await
                .status(),
            StatusCode::OK
        );
        tokens.push((issued, world.client));
    }
    let (issued, client) = &tokens[0];
    let other = HttpWeb::new(issuers[1].as_str());
    let called = call(&other, &issued.access, "tools/list", json!({})).await;
    assert_eq!(
        called.status(),
        StatusCode::UNAUTHORIZED,
        "a token for localhost is none for 127.0.0.1"
    );
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &issued.refresh),
        ("client_id", &client.id),
    ];
    let answer = harness::client::post_form(&other, "/token", &fields).await;
    assert_eq!(body(&answer)["error"], "invalid_grant");
}

#[tokio::test]
async fn with_a_public_url_only_that_identity_exists() {
    let host = super::start(
        &product::options()
            .variable("public_url", "https://mcp.example.com")
            .variable("dev_key", ""),
    );
    let web = super::web(&host);
    for name in ["localhost:3000", "evil.example"] {
        let document = body(&with_header(&web, DOCUMENT, "host", name).await);
        assert_eq!(document["resource"], "https://mcp.example.com/mcp");
        assert_eq!(
            document["authorization_servers"],
            json!(["https://mcp.example.com"])
        );
    }
}

#[tokio::test]
async fn with_neither_identity_everything_but_health_says_why_not() {
    let host = super::start(
        &product::options()
            .variable("public_url", "")
            .variable("dev_key", ""),
    );
    let web = super::web(&host);
    assert_eq!(get(&web, "/health").await.status(), StatusCode::OK);
    for path in [
        "/",
        DOCUMENT,
        "/authorize",
        "/login/dev",
        "/token",
        "/register",
        "/mcp",
    ] {
        let answer = get(&web, path).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(
            String::from_utf8_lossy(answer.body()).contains("public_url"),
            "{path}"
        );
        assert_eq!(
            answer.headers()[header::CONTENT_LENGTH],
            answer.body().len().to_string(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_missing_or_bad_key_is_named_and_never_shown() {
    for (value, word) in [
        ("", "not set"),
        ("k:AAAA", "32 bytes"),
        ("k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "guess"),
    ] {
        let host = super::start(&product::options().variable("code_key", value));
        let answer = get(&super::web(&host), "/token").await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(
            text.contains("`code_key`") && text.contains(word) && !text.contains("AAAA"),
            "{text}"
        );
    }
}
