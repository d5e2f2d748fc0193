use std::collections::BTreeMap;

use http::header::ACCEPT;

use super::*;

type Settings = Result<Identities, IdentityRefused>;

const DEVELOPMENT: Settings = Ok(Identities::Loopback);
const UNSET: Settings = Err(IdentityRefused::NotConfigured);

fn ask(settings: &Settings, method: Method, path: &str, accept: &str) -> Response<Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:3000")
        .header("spin-client-addr", "127.0.0.1:9")
        .header(ACCEPT, accept)
        .body(Bytes::new());
    let now = Timestamp::from_millis(1_700_000_000_007);
    handle(now, settings, &request.unwrap())
}

fn text(answer: &Response<Bytes>) -> &str {
    std::str::from_utf8(answer.body()).unwrap()
}

#[test]
fn health_is_what_the_replaced_servers_say_whatever_is_misconfigured() {
    for settings in [DEVELOPMENT, UNSET] {
        let answer = ask(&settings, Method::GET, "/health", "text/html");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            text(&answer),
            r#"{"status":"ok","timestamp":"2023-11-14T22:13:20.007Z","service":"MCP Server with Auth"}"#
        );
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    }
}

#[test]
fn a_moment_has_milliseconds_even_if_they_are_none() {
    assert_eq!(
        iso_8601(Timestamp::from_millis(0)),
        "1970-01-01T00:00:00.000Z"
    );
    assert_eq!(
        iso_8601(Timestamp::from_seconds(1_709_164_800)),
        "2024-02-29T00:00:00.000Z"
    );
    assert!(iso_8601(Timestamp::from_millis(u64::MAX)).ends_with('Z'));
}

#[test]
fn people_get_a_page_with_the_address_and_how_to_use_it() {
    let answer = ask(&DEVELOPMENT, Method::GET, "/", "text/html,*/*;q=0.8");
    assert_eq!(answer.status(), StatusCode::OK);
    for told in [
        "http://localhost:3000/mcp",
        "claude mcp add",
        "mcp.json",
        "mcp-remote",
        "@modelcontextprotocol/inspector",
        "href=\"/health\"",
        "href=\"/.well-known/oauth-authorization-server\"",
        "cannot reach this computer",
    ] {
        assert!(text(&answer).contains(told), "{told}");
    }
    assert!(answer.body().len() < 12 * 1024);
    let public = Identities::read(Some("https://mcp.example.com"), None);
    let answer = ask(&public, Method::GET, "/", "text/html");
    assert!(text(&answer).contains("https://mcp.example.com/mcp"));
    assert!(text(&answer).contains("Connectors"));
    assert!(!text(&answer).contains("localhost"));
}

#[test]
fn programs_get_the_same_as_json() {
    let answer = ask(&DEVELOPMENT, Method::GET, "/", "application/json");
    assert_eq!(answer.headers()[VARY], "accept");
    let told: BTreeMap<String, String> = serde_json::from_str(text(&answer)).unwrap();
    assert_eq!(told["mcp"], "http://localhost:3000/mcp");
    assert_eq!(
        told["authorization_server"],
        "http://localhost:3000/.well-known/oauth-authorization-server"
    );
    assert_eq!(
        told["protected_resource"],
        "http://localhost:3000/.well-known/oauth-protected-resource/mcp"
    );
}

#[test]
fn a_server_without_an_address_says_which_variable_it_lacks() {
    let answer = ask(&UNSET, Method::GET, "/", "text/html");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()[RETRY_AFTER], "30");
    assert!(text(&answer).contains("<code>public_url</code>"));
}

#[test]
fn a_foreign_host_is_misdirected() {
    let request = Request::get("/").header("host", "evil.example");
    let request = request.header("spin-client-addr", "127.0.0.1:9");
    let answer = handle(
        Timestamp::default(),
        &DEVELOPMENT,
        &request.body(Bytes::new()).unwrap(),
    );
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(!text(&answer).contains("evil.example"));
}

#[test]
fn methods_and_paths_that_are_not_here_are_told() {
    for path in ["/", "/health"] {
        let head = ask(&DEVELOPMENT, Method::HEAD, path, "*/*");
        let length = ask(&DEVELOPMENT, Method::GET, path, "*/*").headers()[CONTENT_LENGTH].clone();
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(head.headers()[CONTENT_LENGTH], length);
        let options = ask(&DEVELOPMENT, Method::OPTIONS, path, "*/*");
        assert_eq!(options.status(), StatusCode::NO_CONTENT);
        for method in [Method::POST, Method::DELETE] {
            let answer = ask(&DEVELOPMENT, method, path, "*/*");
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(answer.headers()[ALLOW], "GET, HEAD, OPTIONS");
        }
    }
    let answer = ask(&DEVELOPMENT, Method::GET, "/elsewhere", "*/*");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(!text(&answer).contains("elsewhere"));
}
