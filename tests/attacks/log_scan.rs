//! Log scan. The attacker reads the logs, the error pages and the addresses that stay in histories;
//! they want one secret that still opens something.
//!
//! *Invariant:* no credential, key, code, cookie, verifier or state is in anything that this process
//! writes, in any error, or in any address but the client's own.

mod misplaced;

use std::collections::BTreeMap;
use std::path::Path;

use harness::client::{Tokens, VERIFIER, call};
use harness::{HttpWeb, World, product};
use http::header;
use serde_json::json;

use super::registered;
use crate::flows::{start, web};

/// Everything that must not be found, by what it is.
type Secrets = BTreeMap<String, String>;

/// Every answer's head and body that a stranger could keep, but for what is the client's own.
type Seen = Vec<(String, String)>;

#[tokio::test]
async fn no_secret_is_in_a_log_an_error_or_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(&product::options().state_dir(folder.path()));
    let world = World::new(web(&host)).await;
    let mut secrets: Secrets = product::keys()
        .into_iter()
        .filter(|(name, _)| !name.ends_with("_public_key"))
        .map(|(name, value)| (name, value.split_once(':').unwrap().1.to_owned()))
        .collect();
    let mut seen = Seen::new();
    journey(&world, &mut secrets, &mut seen).await;
    misplaced::misplaced(&world, &secrets, &mut seen).await;
    seen.push(("the output of the process".to_owned(), host.output()));
    assert!(
        host.output().contains("grant.pended"),
        "the audit is there: {}",
        host.output()
    );
    let mut files = Seen::new();
    read(&folder.path().join("logs"), &mut files);
    assert!(
        files.iter().any(|(_, text)| text.contains("token.refused")),
        "{files:?}"
    );
    seen.extend(files);
    assert_absent(&secrets, &seen);
    // The stores open nothing either: there is no usable handle, token or key in them.
    host.stop().unwrap();
    let mut stores = Seen::new();
    read(folder.path(), &mut stores);
    assert!(
        stores.iter().any(|(_, text)| text.contains("dev:ada")),
        "the grant is there"
    );
    assert_absent(&secrets, &stores);
}

fn assert_absent(secrets: &Secrets, seen: &Seen) {
    for (name, secret) in secrets {
        // In a handle or a token the last part is what nobody can guess; half of it is too much.
        let guarded = secret.rsplit('.').next().unwrap();
        assert!(guarded.len() >= 20, "{name} is too short to be looked for");
        let (start, end) = (&guarded[..16], &guarded[guarded.len() - 16..]);
        for (place, text) in seen {
            for part in [start, end] {
                assert!(!text.contains(part), "{name} is in {place}: {text}");
            }
        }
    }
}

/// Every file below a folder, as text.
fn read(folder: &Path, found: &mut Seen) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((
                path.display().to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }
}

/// A whole sign-in with every kind of secret, each noted.
async fn journey(world: &World<HttpWeb>, secrets: &mut Secrets, seen: &mut Seen) {
    let mut note = |name: &str, secret: &str| secrets.insert(name.to_owned(), secret.to_owned());
    note("the verifier", VERIFIER);
    let page = world.ask().await;
    note(
        "the csrf cookie",
        world.browser.cookies().first_key_value().unwrap().1,
    );
    note("the csrf field", &field(&page, "/consent", "csrf"));
    let people = world.agree(&page).await;
    seen.push((
        "the address of the provider's page".to_owned(),
        people.url.to_string(),
    ));
    note(
        "tx cookie",
        world.browser.cookies().first_key_value().unwrap().1,
    );
    note(
        "the state at the provider",
        &field(&people, "/login/dev", "state"),
    );
    let code = world
        .sign_in(&people, "ada")
        .await
        .parameter("code")
        .unwrap();
    note("the code", &code);
    let tokens = Tokens::read(&world.client.exchange(&world.web, &code).await);
    note("the access token", &tokens.access);
    note("the refresh token", &tokens.refresh);
    let next = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    note("the next access token", &next.access);
    note("the next refresh token", &next.refresh);
    assert_eq!(
        call(&world.web, &next.access, "tools/list", json!({}))
            .await
            .status(),
        200
    );
    let post = json!({"token_endpoint_auth_method": "client_secret_post"});
    let (_, answer) = registered(&world.web, &world.client, &post).await;
    note(
        "a client's secret",
        answer["client_secret"].as_str().unwrap(),
    );
}

fn field(screen: &harness::browser::Screen, action: &str, name: &str) -> String {
    let fields = screen.form(action).fields;
    fields
        .into_iter()
        .find(|(known, _)| known == name)
        .unwrap()
        .1
}

/// Notes what an answer shows, which may repeat nothing that it was sent.
fn keep(seen: &mut Seen, what: &str, answer: &http::Response<bytes::Bytes>) {
    assert!(
        !answer.status().is_success() || answer.body().len() < 200 || answer.status() == 201,
        "{what}: {}",
        answer.status()
    );
    let mut shown = String::from_utf8_lossy(answer.body()).into_owned();
    for (name, value) in answer.headers() {
        if name != header::SET_COOKIE {
            shown.push_str(&format!(
                "\n{name}: {}",
                String::from_utf8_lossy(value.as_bytes())
            ));
        }
    }
    seen.push((what.to_owned(), shown));
}
