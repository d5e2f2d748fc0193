//! Whoever reads the stores and the logs finds nothing that works.

use std::path::Path;

use harness::World;
use harness::client::{Tokens, body};
use harness::confidential::{Confidential, Proof};

/// Every file below `folder`, with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![(path.display().to_string(), std::fs::read(&path).unwrap())]
            }
        })
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let mut windows = bytes.windows(text.len());
    windows.any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_store_and_no_log_holds_what_was_issued() {
    let host = super::start(&super::staffed());
    let mut world = World::new(super::web(&host)).await;
    let found = world.client.clone();
    let keeper = Confidential::register(&world.web, &found, None).await;
    world.client = keeper.client;
    let code = world.code("ada").await;
    let proof = Proof::Basic(&keeper.secret);
    let exchanged = world.client.exchange_as(&world.web, proof, &code).await;
    let tokens = Tokens::read(&exchanged);
    for token in [&tokens.access, &tokens.refresh] {
        for endpoint in ["introspection_endpoint", "revocation_endpoint"] {
            let fields = [("token", token.as_str())];
            let answer = world.client.post_as(&world.web, endpoint, proof, &fields);
            assert_eq!(answer.await.status(), 200, "{endpoint}");
        }
    }
    let again = world.client.exchange_as(&world.web, proof, &code).await;
    assert_eq!(body(&again)["error"], "invalid_grant");

    let files = files(host.state_dir());
    assert!(
        files.iter().any(|(_, bytes)| holds(bytes, "dev:ada")),
        "the grant is there"
    );
    let secrets = [
        ("code", &code),
        ("access token", &tokens.access),
        ("refresh token", &tokens.refresh),
        ("client secret", &keeper.secret),
    ];
    for (name, secret) in secrets {
        for (path, bytes) in &files {
            assert!(!holds(bytes, secret), "the {name} is in {path}");
        }
        assert!(!host.output().contains(secret), "the {name} is printed");
    }
}
