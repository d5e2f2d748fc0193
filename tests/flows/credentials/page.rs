//! The page on credentials: what it tells to run works.
//!
//! *Invariant:* nothing is run but what stands on the page, line by line.

use std::process::Command;

use harness::Web;
use serde_json::json;

use super::guarded::on_a_guarded_host;
use super::makers::{ENV_KEY, SECRET, claims, maced};

const PAGE: &str = include_str!("../../../docs/credentials.md");

/// The lines of all blocks that are for a shell.
fn lines() -> impl Iterator<Item = &'static str> {
    let parts = PAGE.split("```sh\n").skip(1);
    parts
        .filter_map(|part| part.split("```").next())
        .flat_map(str::lines)
}

#[tokio::test]
async fn every_command_does_what_is_written_over_it() {
    let world = on_a_guarded_host().await;
    let token = maced(SECRET.as_bytes(), &claims(&world.web, "", &json!({})));
    let mut ran = 0;
    let mut expected = "200";
    for line in lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            expected = comment.split(':').next().unwrap();
            continue;
        }
        let output = Command::new("sh")
            .args(["-c", &format!("{line} -o /dev/null -w '%{{http_code}}'")])
            .env("SERVER", world.web.issuer())
            .env("KEY", ENV_KEY)
            .env("TOKEN", &token)
            .output()
            .unwrap();
        let status = String::from_utf8(output.stdout).unwrap();
        assert_eq!(status, expected, "{line}");
        expected = "200";
        ran += 1;
    }
    assert_eq!(ran, 4);
}
