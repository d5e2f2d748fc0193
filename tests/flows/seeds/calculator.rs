//! The calculator behind API keys and tokens of a shared secret, by the requests of its README.

use std::process::Command;

use harness::Web as _;
use serde_json::json;

use super::Moved;

const SETTINGS: &str = "\
API_KEYS=\"Zk3v9Qp7Lx2mN8rT5wYb1cVd4fGh6jKa,Qw8e7Rt6Yu5Io4Pa3Sd2Fg1Hj0Kl9Zx8\"
JWT_SECRET=\"0f7d3c1b9a5e4826d1c0b9a8f7e6d5c40f7d3c1b9a5e4826d1c0b9a8f7e6d5c4\"
ALLOWED_ORIGINS=\"https://playground.ai.cloudflare.com,https://claude.ai\"
";

fn curl(arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--max-time", "3"])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn the_three_requests_of_its_readme_answer_as_it_says() {
    let moved = Moved::start(SETTINGS, None, None);
    let base = super::super::web(&moved.host).issuer().to_owned();
    let (health, sse) = (format!("{base}/health"), format!("{base}/sse"));
    let said = curl(&[&health]);
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    for member in ["\"status\":\"ok\"", "\"timestamp\":", "\"service\":"] {
        assert!(said.contains(member), "{said}");
    }
    for header in [
        "X-API-Key: Zk3v9Qp7Lx2mN8rT5wYb1cVd4fGh6jKa",
        "Authorization: ApiKey Qw8e7Rt6Yu5Io4Pa3Sd2Fg1Hj0Kl9Zx8",
    ] {
        let said = curl(&["-H", header, &sse]);
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        assert!(said.contains("event: endpoint"), "{said}");
    }
    let said = curl(&["-H", "X-API-Key: invalid-key", &sse]);
    assert!(said.starts_with("HTTP/1.1 401"), "{said}");
    assert!(said.contains("\"error\":") && said.to_lowercase().contains("www-authenticate"));
    let said = curl(&[
        "-H",
        "X-API-Key: Zk3v9Qp7Lx2mN8rT5wYb1cVd4fGh6jKa",
        "-H",
        "Content-Type: application/json",
        "-H",
        "Accept: application/json, text/event-stream",
        "-d",
        &json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "add", "arguments": {"a": 23, "b": 19}}})
        .to_string(),
        &format!("{base}/mcp"),
    ]);
    assert!(said.contains("\"42\""), "{said}");
}
