//! Who gets in, and what those hear who do not.

use bytes::Bytes;
use http::{Method, Request};
use oauth::Mark;
use oauth::grant::GrantId;
use serde_json::json;

use super::world::{ORIGIN, TOOLBOX, World, block_on, host, keys, modern, post};
use crate::Settings;

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
const ASKING: &str = r#"Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", scope="mcp:tools profile""#;

#[test]
fn without_a_token_the_challenge_says_where_to_sign_in_and_names_no_error() {
    let world = World::new(TOOLBOX);
    for authorization in [
        None,
        Some("Basic dTpw"),
        Some("Bearer"),
        Some("Bearer "),
        Some("token"),
    ] {
        let mut request = Request::post("/mcp?access_token=abc")
            .body(Bytes::new())
            .unwrap();
        if let Some(value) = authorization {
            request
                .headers_mut()
                .insert("authorization", value.parse().unwrap());
        }
        let seen = world.send(request);
        assert_eq!(seen.status(), 401, "{authorization:?}");
        assert_eq!(seen.header("www-authenticate"), ASKING);
        assert_eq!(seen.json()["error"], "authentication_required");
    }
}

#[test]
fn a_token_that_is_not_good_here_is_challenged_with_the_reason() {
    let world = World::new(TOOLBOX);
    let foreign = "https://other.example";
    for (otherwise, reason) in [
        (json!({"exp": 1_000_000}), "the access token is expired"),
        (
            json!({"iat": 1_000_031}),
            "the access token is not valid yet",
        ),
        (
            json!({"iss": foreign}),
            "the access token is from another issuer",
        ),
        (
            json!({"aud": foreign}),
            "the access token is for another resource",
        ),
        (
            json!({"aud": format!("{ORIGIN}/mcp/")}),
            "the access token is for another resource",
        ),
    ] {
        let seen = world.send(post(&world.token(&otherwise), &[], PING));
        assert_eq!(seen.status(), 401, "{otherwise}");
        let challenge = format!(r#"{ASKING}, error="invalid_token", error_description="{reason}""#);
        assert_eq!(seen.header("www-authenticate"), challenge);
    }
    // Mallory's claims under Ada's signature.
    let (ada, mallory) = (
        world.token(&json!({})),
        world.token(&json!({"sub": "dev:mallory"})),
    );
    let (_, signature) = ada.rsplit_once('.').unwrap();
    let (claims, _) = mallory.rsplit_once('.').unwrap();
    let seen = world.send(post(&format!("{claims}.{signature}"), &[], PING));
    assert_eq!(seen.status(), 401, "a tampered token");
}

#[test]
fn the_scheme_is_any_case_and_a_request_has_one_token() {
    let world = World::new(TOOLBOX);
    let token = world.token(&json!({}));
    let mut request = post(&token, &[], PING);
    let lower = format!("bEARER  {token}").parse().unwrap();
    request.headers_mut().insert("authorization", lower);
    assert_eq!(world.send(request.clone()).status(), 200);
    let again = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().append("authorization", again);
    let seen = world.send(request);
    assert_eq!(seen.status(), 400);
    assert_eq!(seen.json()["error"], "invalid_request");
}

#[test]
fn a_remembered_token_still_expires() {
    let world = World::new(TOOLBOX);
    let token = world.token(&json!({"exp": 1_000_010}));
    assert_eq!(world.send(post(&token, &[], PING)).status(), 200);
    world.wait(10);
    assert_eq!(world.send(post(&token, &[], PING)).status(), 401);
}

#[test]
fn a_revoked_grant_is_noticed_within_five_seconds_and_a_silent_store_lets_nobody_in() {
    let world = World::new(TOOLBOX);
    let status = || world.post(&[], PING).status();
    assert_eq!(status(), 200);
    let grant = Mark::Grant(GrantId::new([7; 16]));
    block_on(host::Marks::mark(&world.host, &grant)).unwrap();
    world.wait(4);
    assert_eq!(status(), 200, "the mark was read four seconds ago");
    world.wait(1);
    assert_eq!(status(), 401);
    world.host.store_is_down(true);
    assert_eq!(status(), 401, "what was read a moment ago still holds");
    world.wait(5);
    let seen = world.post(&[], PING);
    assert_eq!((seen.status(), seen.header("retry-after")), (503, "5"));
}

#[test]
fn a_clock_that_steps_back_does_not_make_an_old_answer_young() {
    let world = World::new(TOOLBOX);
    let later = World::on(world.host.clone());
    world.wait(60);
    assert_eq!(later.post(&[], PING).status(), 200);
    let grant = Mark::Grant(GrantId::new([7; 16]));
    block_on(host::Marks::mark(&world.host, &grant)).unwrap();
    world
        .host
        .set_now(oauth::Timestamp::from_seconds(1_000_000));
    assert_eq!(later.post(&[], PING).status(), 401);
}

#[test]
fn tools_need_their_scope_and_greetings_do_not() {
    let world = World::new(TOOLBOX);
    let token = world.token(&json!({"scope": "profile"}));
    assert_eq!(world.send(post(&token, &[], PING)).status(), 200);
    let discovered = world.send(modern(&token, "server/discover", &json!({})));
    assert_eq!(discovered.status(), 200);
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "echo"})),
    ] {
        let seen = world.send(modern(&token, method, &params));
        assert_eq!(seen.status(), 403, "{method}");
        let challenge = format!(
            r#"{ASKING}, error="insufficient_scope", error_description="the credential lacks the scope for tools""#
        );
        assert_eq!(seen.header("www-authenticate"), challenge);
    }
}

#[test]
fn the_checks_before_the_token_need_none() {
    let world = World::new(TOOLBOX);
    let send = |method: &Method, path: &str, origin: Option<&str>| {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::new())
            .unwrap();
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", origin.parse().unwrap());
        }
        world.send(request)
    };
    let evil = Some("https://evil.example");
    for (method, path, origin, status) in [
        (Method::POST, "/mcp", evil, 403),
        (Method::OPTIONS, "/mcp", evil, 403),
        (Method::OPTIONS, "/mcp", Some(ORIGIN), 204),
        (Method::GET, "/mcp", None, 405),
        (Method::DELETE, "/mcp", None, 401),
        (Method::PUT, "/mcp", Some(ORIGIN), 405),
        (Method::POST, "/mcp/x", None, 404),
        (Method::POST, "/mcp", Some(ORIGIN), 401),
    ] {
        let seen = send(&method, path, origin);
        assert_eq!(seen.status(), status, "{method} {path} {origin:?}");
        let readable = origin.filter(|_| origin != evil).unwrap_or_default();
        assert_eq!(
            seen.header("access-control-allow-origin"),
            readable,
            "{method} {path}"
        );
        if status == 405 {
            assert_eq!(seen.header("allow"), "DELETE, POST");
        }
    }
}

#[test]
fn only_json_is_a_message() {
    let world = World::new(TOOLBOX);
    for (kind, status) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/jsonl", 415),
        ("", 415),
    ] {
        let mut request = post(&world.token(&json!({})), &[], PING);
        request
            .headers_mut()
            .insert("content-type", kind.parse().unwrap());
        assert_eq!(world.send(request).status(), status, "{kind}");
    }
}

#[test]
fn in_dev_a_token_is_good_for_the_name_it_was_issued_under() {
    let host = host();
    host.set_variable("public_url", "");
    host.set_variable("dev_key", &keys("dev").0);
    host.set_file("/postern.toml", TOOLBOX);
    let world = World::on(host);
    let local = "http://localhost:3000";
    let token = world.token(&json!({"iss": local, "aud": format!("{local}/mcp")}));
    for (name, peer, status) in [
        ("localhost:3000", "127.0.0.1:5", 200),
        ("127.0.0.1:3000", "127.0.0.1:5", 401),
        ("localhost:3000", "10.0.0.1:5", 421),
        ("evil.example", "127.0.0.1:5", 421),
    ] {
        let headers = [("host", name), ("spin-client-addr", peer)];
        assert_eq!(
            world.send(post(&token, &headers, PING)).status(),
            status,
            "{name} {peer}"
        );
    }
}

#[test]
fn what_is_not_configured_is_named() {
    let refused = |variable: &str, value: &str, file: Option<&str>| {
        let host = host();
        host.set_variable(variable, value);
        if let Some(file) = file {
            host.set_file("/postern.toml", file);
        }
        block_on(Settings::read(&host)).unwrap_err().to_string()
    };
    for (variable, value, file, expected) in [
        ("public_url", "", Some(TOOLBOX), "`public_url`"),
        (
            "access_token_public_key",
            "",
            Some(TOOLBOX),
            "`access_token_public_key`",
        ),
        (
            "access_token_public_key",
            "k:AA",
            Some(TOOLBOX),
            "`access_token_public_key`",
        ),
        ("assertion_key", "", Some(TOOLBOX), "`assertion_key`"),
        ("handle_key", "", Some(TOOLBOX), "`handle_key`"),
        ("stream_seconds", "1", Some(TOOLBOX), "`stream_seconds`"),
        (
            "allowed_origins",
            "here",
            Some(TOOLBOX),
            "`allowed_origins`",
        ),
        ("x", "", None, "/postern.toml is not there"),
        ("x", "", Some("a = 1"), "postern.toml line 1"),
    ] {
        let message = refused(variable, value, file);
        assert!(message.contains(expected), "{message}");
    }
}
