//! People sign in with a provider that was not written here: npm's `oidc-provider`, which follows the
//! specifications to the letter and has pages of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::time::Duration;

use harness::browser::{Browser, Screen};
use harness::certificate::Certificate;
use harness::client::{Tokens, body};
use harness::{HttpWeb, Web, World};
use serde_json::{Value, json};

use super::anew::{QUARTER, roles};
use super::stage::{self, Vendors, aged, to_vendor};
use crate::attacks::claims;
use crate::clients::node;

/// The product is reached at this name, whatever its port is.
const ISSUER: &str = "http://localhost:3000";

/// The provider, until this is dropped.
struct Upstream {
    child: Child,
    people: ChildStdin,
    /// As a browser that has no TLS reaches it.
    web: HttpWeb,
}

impl Upstream {
    fn start(folder: &Path) -> Self {
        let made = Certificate::of_localhost();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut child = node()
            .arg("upstream.mjs")
            .env("CERTIFICATE", write("upstream.pem", &made.certificate))
            .env("KEY", write("upstream.key", &made.key))
            .env("CALLBACK", format!("{ISSUER}/callback"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let found = lines.find_map(|line| {
            let line = line.unwrap();
            let (issuer, door) = line.split_once(' ')?;
            issuer
                .starts_with("https://")
                .then(|| HttpWeb::at(door, issuer))
        });
        Self {
            people: child.stdin.take().unwrap(),
            child,
            web: found.expect("it serves"),
        }
    }

    /// Says what is known of people.
    fn knows(&mut self, people: &Value) {
        writeln!(self.people, "{people}").unwrap();
        // It reads the line before the next request, which takes longer to arrive.
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // It may have ended; there is nothing to do about it here.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// The page of the provider, filled in.
async fn filled(
    upstream: &Upstream,
    browser: &Browser,
    page: &Screen,
    typed: (&str, &str),
) -> Screen {
    let action = page.url.path().to_owned();
    let form = page.form(&format!("{}{action}", upstream.web.issuer()));
    browser.submit(&upstream.web, &form, typed).await
}

async fn signs_in(world: &World<HttpWeb>, upstream: &Upstream, login: &str) -> Tokens {
    world.browser.forget();
    let there = to_vendor(world, "oidc").await;
    assert!(
        there.url.as_str().starts_with(upstream.web.issuer()),
        "{there:?}"
    );
    let browser = Browser::default();
    let page = browser.open(&upstream.web, there.url.as_str()).await;
    let page = filled(upstream, &browser, &page, ("login", login)).await;
    let gone = filled(upstream, &browser, &page, ("consented", "1")).await;
    let back = world.browser.open(&world.web, gone.url.as_str()).await;
    let code = back
        .parameter("code")
        .unwrap_or_else(|| panic!("{gone:?} {back:?}"));
    Tokens::read(&world.client.exchange(&world.web, &code).await)
}

#[tokio::test]
async fn people_of_a_provider_that_was_not_written_here_sign_in_and_are_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut upstream = Upstream::start(folder.path());
    let alice = |role: &str| {
        json!({"alice": {
            "name": "Alice Example", "given_name": "Alice", "family_name": "Example",
            "email": "alice@example.com", "email_verified": true, "roles": [role],
        }})
    };
    upstream.knows(&alice("editor"));
    let authority = upstream
        .web
        .issuer()
        .trim_start_matches("https://")
        .to_owned();
    let trust = format!(
        "[[client_tls]]\ncomponent_ids = [\"login-oidc\"]\nhosts = [\"localhost\"]\n\
         ca_roots_file = {:?}\n",
        folder.path().join("upstream.pem")
    );
    let more = "[provider.oidc]\nallow = { domains = [\"example.com\"] }\n";
    let options = stage::options(&Vendors::of([]), more, folder.path())
        .runtime_config(trust)
        .variable("oidc_client_id", "postern")
        .variable("oidc_client_secret", "a secret of this test")
        .variable("oidc_issuer", upstream.web.issuer())
        .variable("oidc_host", authority);
    let host = crate::flows::start(&options);
    let web = HttpWeb::at(host.url("").trim_end_matches('/'), ISSUER);
    let world = World::new(web).await;

    let mut tokens = signs_in(&world, &upstream, "alice").await;
    let who = claims(&tokens.access);
    assert_eq!(who["sub"], "oidc:alice", "{who}");
    assert_eq!(who["name"], "Alice Example", "{who}");
    assert_eq!(who["email"], "alice@example.com", "{who}");
    assert_eq!(who["roles"], json!(["editor"]), "{who}");
    // It rotates refresh tokens: each is used once.
    for role in ["reader", "writer", "editor"] {
        upstream.knows(&alice(role));
        aged(&host, QUARTER);
        tokens = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
        assert_eq!(roles(&tokens), json!([role]));
    }
    upstream.knows(&json!({}));
    aged(&host, QUARTER);
    let gone = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(body(&gone)["error"], "invalid_grant");
}
