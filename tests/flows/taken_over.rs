//! A server that starts on the settings of another one, as `postern init --from` takes them over.

use std::process::Command;

use harness::client::{body, call};
use harness::host::Options;
use harness::{Web as _, World, product};
use serde_json::json;
use tempfile::TempDir;

use crate::POSTERN;

/// The names of a `.dev.vars`; the values are nobody's.
const SETTINGS: &str = "\
DESCOPE_MANAGEMENT_KEY=\"K2nobodys-management-key\"
COOKIE_ENCRYPTION_KEY=\"9c1f0e7ab35d2846f1e09d7c6b5a43289c1f0e7ab35d2846f1e09d7c6b5a4328\"
ALLOWED_ORIGINS=https://playground.example
";

/// The product in a folder in which `settings` were taken over.
fn taken_over(settings: &str) -> (TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let shipped = include_str!("../../postern.toml");
    let manifest = product::project(folder.path(), shipped);
    std::fs::write(folder.path().join(".dev.vars"), settings).unwrap();
    let output = Command::new(POSTERN)
        .args(["init", "--from", ".dev.vars"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    let options = product::options_with_keys(manifest, folder.path().join(".env"));
    (folder, options)
}

#[tokio::test]
async fn the_settings_of_another_server_start_this_one() {
    let (_folder, options) = taken_over(SETTINGS);
    let host = super::start(&options);

    let world = World::new(super::web(&host)).await;
    let token = world.tokens("ada").await.access;
    let params = json!({"name": "getToken", "arguments": {}});
    let shown = body(&call(&world.web, &token, "tools/call", params).await);
    let text = shown["result"]["content"][0]["text"].as_str().unwrap();
    assert!(
        text.starts_with("User's token: Bearer <access token"),
        "{text}"
    );

    let mut preflight = http::Request::new(bytes::Bytes::new());
    *preflight.method_mut() = http::Method::OPTIONS;
    *preflight.uri_mut() = "/mcp".parse().unwrap();
    let headers = preflight.headers_mut();
    let origin = "https://playground.example".parse().unwrap();
    headers.insert("origin", origin);
    headers.insert("access-control-request-method", "POST".parse().unwrap());
    let answer = world.web.send(preflight).await;
    let allowed = answer.headers().get("access-control-allow-origin");
    assert_eq!(allowed.unwrap(), "https://playground.example");
}

/// The block that a README has for development, to the letter.
const PRINTED: &str = "\
API_KEYS=test-key-1,test-key-2
JWT_SECRET=your-local-jwt-secret
ALLOWED_ORIGINS=http://localhost:3000,https://playground.ai.cloudflare.com
";

#[tokio::test]
async fn keys_that_everybody_knows_open_the_tools_of_this_machine() {
    let (_folder, options) = taken_over(PRINTED);
    let host = super::start(&options);
    let web = super::web(&host);
    let calculate = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": "calculate", "arguments": {"operation": "multiply", "a": 6, "b": 7},
        },
    });
    for (name, value, status) in [
        ("x-api-key", "test-key-1", 200),
        ("authorization", "ApiKey test-key-2", 200),
        ("x-api-key", "invalid-key", 401),
    ] {
        let request = http::Request::post("/mcp")
            .header(name, value)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(bytes::Bytes::from(calculate.to_string()))
            .unwrap();
        let answer = web.send(request).await;
        assert_eq!(answer.status(), status, "{name}: {value}");
        if status == 200 {
            let text = body(&answer)["result"]["content"][0]["text"].clone();
            assert_eq!(text, "42", "{name}: {value}");
        }
    }
}
