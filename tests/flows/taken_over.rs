//! A server that starts on the settings of another one, as `postern init --from` takes them over.

use std::process::Command;

use harness::client::{body, call};
use harness::{Web as _, World, product};
use serde_json::json;

use crate::POSTERN;

/// The names of a `.dev.vars`; the values are nobody's.
const SETTINGS: &str = "\
DESCOPE_MANAGEMENT_KEY=\"K2nobodys-management-key\"
COOKIE_ENCRYPTION_KEY=\"9c1f0e7ab35d2846f1e09d7c6b5a43289c1f0e7ab35d2846f1e09d7c6b5a4328\"
ALLOWED_ORIGINS=https://playground.example
";

#[tokio::test]
async fn the_settings_of_another_server_start_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = include_str!("../../postern.toml");
    let manifest = product::project(folder.path(), shipped);
    std::fs::write(folder.path().join(".dev.vars"), SETTINGS).unwrap();
    let output = Command::new(POSTERN)
        .args(["init", "--from", ".dev.vars"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    let options = product::options_with_keys(manifest, folder.path().join(".env"));
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
