//! Private routes. The attacker is outside and knows how our components ask each other; they want
//! to ask a component what only another component may.
//!
//! *Invariant:* what a route does not name is not reached, however a path, a host or a header spells
//! it, even with a proof that would be believed inside.

use harness::client::{get, post_form};
use harness::{Web, World, product};
use http::Method;
use jose::SealKeys;
use oauth::{SignIn, Source, Timestamp, Transaction};
use serde_json::json;

use super::{FORM, authority, claims, raw};
use crate::flows::{everywhere, on_a_patient_host};

everywhere!(on_a_patient_host:
    a_path_that_looks_like_another_is_nothing,
    a_method_is_not_overridden,
);

/// A sign-in that `token` would believe, with a grant behind it as its answer.
async fn believable(world: &World<impl Web>) -> String {
    world.agree(&world.ask().await).await;
    let (_, sealed) = world.browser.cookies().pop_last().unwrap();
    let key = |wanted: &str| {
        product::keys()
            .into_iter()
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
    };
    let context = format!("dev/{}", world.web.issuer());
    let keys = SealKeys::<Transaction>::parse("k", &key("tx_dev")).unwrap();
    let transaction = keys.open(&sealed, &context).unwrap();
    let now = claims(&world.tokens("ada").await.access)["iat"]
        .as_u64()
        .unwrap();
    let sign_in = SignIn {
        upstream: None,
        transaction,
        person: serde_json::from_value(json!({"subject": "dev:ada"})).unwrap(),
        at: Timestamp::from_seconds(now + 30),
        session: None,
    };
    assert!(Source::parse("dev").is_ok());
    let keys = SealKeys::<SignIn>::parse("k", &key("person_dev")).unwrap();
    keys.seal(&sign_in, [9; 24], "token/dev").unwrap()
}

#[tokio::test]
async fn no_path_leads_from_outside_to_where_grants_begin() {
    let world = on_a_patient_host().await;
    let sealed = believable(&world).await;
    let host = authority(world.web.issuer()).to_owned();
    let length = sealed.len();
    for target in [
        "/pend/dev",
        "/pend/dev/",
        "//pend/dev",
        "/./pend/dev",
        "/%70end/dev",
        "/pend%2Fdev",
        "/PEND/dev",
        "/token/pend/dev",
        "/token/../pend/dev",
        "/token/%2e%2e/pend/dev",
        "/token/..%2Fpend/dev",
        "/token/..;/pend/dev",
        "/token;/../pend/dev",
        "/token/.././pend/dev",
        "/oauth/token/../../pend/dev",
        "/oauth/pend/dev",
        "/revoke/../pend/dev",
        "/token?/pend/dev",
        "/token#/pend/dev",
        "/.well-known/../pend/dev",
        "/.well-known/oauth-authorization-server/../../pend/dev",
        "/.well-known/spin/../pend/dev",
        "\\pend\\dev",
        "http://token.spin.internal/pend/dev",
        "http://token.spin.internal:80/token/../pend/dev",
        "https://token.spin.internal/pend/dev",
        "token.spin.internal/pend/dev",
        "*",
    ] {
        for name in [
            host.as_str(),
            "token.spin.internal",
            "token",
            "login-dev.spin.internal",
        ] {
            let request = format!(
                "POST {target} HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\ncontent-type: text/plain\r\n\
                 content-length: {length}\r\n\r\n{sealed}"
            );
            assert_not_pended(&raw(world.web.issuer(), &request).await, target);
        }
    }
    for header in [
        "x-original-url: /pend/dev",
        "x-rewrite-url: /pend/dev",
        "x-forwarded-uri: /pend/dev",
        "x-forwarded-path: /pend/dev",
        "spin-path-info: /pend/dev",
        "spin-full-url: http://token.spin.internal/pend/dev",
        "spin-matched-route: /pend/...",
        "spin-component-route: /pend",
        "spin-base-path: /pend",
    ] {
        for target in ["/token", "/revoke", "/nothing", "/"] {
            let request = format!(
                "POST {target} HTTP/1.1\r\nhost: {host}\r\n{header}\r\nconnection: close\r\ncontent-type: {FORM}\r\n\
                 content-length: {length}\r\n\r\n{sealed}"
            );
            assert_not_pended(&raw(world.web.issuer(), &request).await, header);
        }
    }
    // It would have been believed inside, and waits for nobody now.
    let back = world
        .browser
        .open(&world.web, "/callback/dev?code=ada")
        .await;
    super::assert_page(&back, "no state");
}

fn assert_not_pended(answer: &str, what: &str) {
    let status = answer.lines().next().unwrap_or_default().to_owned();
    assert!(!status.contains(" 200 "), "{what}: {answer}");
    assert!(!answer.contains("\"code\""), "{what}: {answer}");
    // Nor does the answer tell that there is such a place.
    assert!(
        !answer.contains("access_denied") && !answer.contains("seal"),
        "{what}: {answer}"
    );
}

async fn a_path_that_looks_like_another_is_nothing(world: World<impl Web>) {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", world.client.id.as_str()),
        ("refresh_token", "x"),
    ];
    for path in [
        "//token",
        "/Token",
        "/TOKEN",
        "/token.",
        "/token%20",
        "/%74oken",
        "/token%2F",
        "/token;x",
        "/tokens",
        "/oauth//token",
        "/oauth/oauth/token",
        "/token/x",
        "/token%00",
        "/x%2f..%2ftoken",
    ] {
        let answer = post_form(&world.web, path, &form).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert!(
            !String::from_utf8_lossy(answer.body()).contains("invalid_grant"),
            "{path}"
        );
    }
    for path in [
        "/mcp/x",
        "/mcpx",
        "//mcp",
        "/MCP",
        "/mcp.",
        "/%6dcp",
        "/mcp%2F",
        "/sse/messages",
        "/admin",
        "/account",
        "/vault",
    ] {
        let answer = get(&world.web, path).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}

/// A client library would resolve these before it sends them.
#[tokio::test]
async fn dots_in_a_path_are_not_followed() {
    let world = on_a_patient_host().await;
    let host = authority(world.web.issuer()).to_owned();
    for path in [
        "/./token",
        "/x/../token",
        "/.well-known/../token",
        "/mcp/../token",
        "/token/.",
        "/token/..",
        "/../token",
        "/..;/token",
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: {FORM}\r\n\
             content-length: 24\r\n\r\ngrant_type=refresh_token"
        );
        let answer = raw(world.web.issuer(), &request).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

async fn a_method_is_not_overridden(world: World<impl Web>) {
    for (path, body) in [
        ("/token", "grant_type=refresh_token"),
        ("/register", "{}"),
        ("/consent", "csrf=x"),
        ("/mcp", "{}"),
    ] {
        for method in [
            Method::GET,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::TRACE,
            Method::HEAD,
        ] {
            for name in [
                "x-http-method-override",
                "x-http-method",
                "x-method-override",
            ] {
                let uri = format!("{path}?_method=POST&{body}").replace("{}", "");
                let request = http::Request::builder()
                    .method(method.clone())
                    .uri(uri)
                    .header(name, "POST");
                let answer = world
                    .web
                    .send(request.body(bytes::Bytes::new()).unwrap())
                    .await;
                // A session is ended by its client, who would have to show a token.
                let ends = (&method, path) == (&Method::DELETE, "/mcp");
                let status = if ends { 401 } else { 405 };
                assert_eq!(answer.status(), status, "{method} {path}");
            }
        }
    }
}
