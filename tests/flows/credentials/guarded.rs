//! A server that takes every kind of credential, and the issuers around it.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;

use bytes::Bytes;
use harness::client::message;
use harness::host::{Host, Options};
use harness::publisher::{Page, Publisher};
use harness::{FetchFailed, HttpWeb, MemoryWeb, Web, product};
use http::{HeaderMap, HeaderName, Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::makers::{
    CERTS, CI_KEY, CORP, ENV_KEY, NAMELESS_KEY, OLD_KEY, PARTNER, READER_KEY, SECRET, TAG, key_set,
};

/// A server and the address of the site on which its issuers publish keys.
pub(crate) struct Guarded<W> {
    pub(crate) web: W,
    pub(crate) site: String,
}

/// What the operator wrote, where keys are at `site`.
pub(crate) fn written(site: &str) -> String {
    let hash = |key: &str| {
        let hash = jose::sha256(key.as_bytes());
        let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        digits.concat()
    };
    let key = |name: &str, key: &str, more: &str| {
        format!(
            "[[api_key]]\nname = \"{name}\"\nsha256 = \"{}\"\n{more}\n",
            hash(key)
        )
    };
    let issuer = |name: &str, (issuer, path, _): (&str, &str, u8), more: &str| {
        format!(
            "[[issuer]]\nname = \"{name}\"\nissuer = \"{issuer}\"\njwks_uri = \"{site}{path}\"\n\
             audience = [\"postern\", \"https://mcp.example/mcp\"]\n{more}\n"
        )
    };
    [
        "[[server]]\nname = \"toolbox\"\ntoolset = true\n".to_owned(),
        "[[allow]]\ntools = [\"add\", \"userInfo\"]\n".to_owned(),
        "[[allow]]\nroles = [\"admin\", \"robot\"]\ntools = [\"*\"]\n".to_owned(),
        issuer(
            "corp",
            CORP,
            "role_claim = \"realm_access.roles\"\nscope = \"mcp:tools profile\"\n\
             roles = { Directors = \"admin\" }",
        ),
        issuer("partner", PARTNER, "algorithms = [\"EdDSA\"]"),
        issuer("gone", super::makers::GONE, ""),
        key("ci", CI_KEY, "roles = [\"robot\"]"),
        key("old", OLD_KEY, "expires = 2020-01-31T00:00:00Z"),
        key("reader", READER_KEY, "scope = \"profile\""),
        "[access-self-hosted]\nrole_claim = \"groups\"\nroles = { IT = \"admin\" }\n".to_owned(),
    ]
    .concat()
}

/// The variables beside it.
pub(crate) fn variables(site: &str) -> [(&'static str, String); 4] {
    [
        ("api_keys", format!("env={ENV_KEY}, {NAMELESS_KEY}")),
        ("jwt_secret", SECRET.to_owned()),
        ("team_domain", site.to_owned()),
        ("policy_aud", TAG.to_owned()),
    ]
}

/// What is published, by path.
fn pages() -> [(&'static str, Value); 3] {
    [
        (CORP.1, key_set(&[CORP.2])),
        (PARTNER.1, key_set(&[PARTNER.2])),
        (CERTS.0, key_set(&[CERTS.1])),
    ]
}

/// The site in memory; nothing else can be reached.
pub(crate) const SITE: &str = "https://team.cloudflareaccess.com";

/// The server in memory, whose site serves what `pages` has at a time.
pub(crate) async fn in_memory_with(
    pages: Rc<std::cell::RefCell<HashMap<String, Result<Value, FetchFailed>>>>,
    more: &[(&str, &str)],
) -> Guarded<MemoryWeb> {
    let variables = variables(SITE);
    let mut set: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    set.extend(more);
    let web = MemoryWeb::operated(&set, &written(SITE)).await;
    web.host()
        .connect_to(Rc::new(move |request: Request<Bytes>| {
            assert!(!request.headers().contains_key("authorization"));
            let page = pages.borrow().get(&request.uri().to_string()).cloned();
            Box::pin(async move {
                let page = page.unwrap_or(Err(FetchFailed::Unreachable))?;
                let answer = Response::builder().header("content-type", "application/json");
                Ok(answer.body(Bytes::from(page.to_string())).unwrap())
            })
        }));
    Guarded {
        web,
        site: SITE.to_owned(),
    }
}

/// The server in memory.
pub(crate) async fn in_a_guarded_memory() -> Guarded<MemoryWeb> {
    let pages = pages().map(|(path, page)| (format!("{SITE}{path}"), Ok(page)));
    let pages = Rc::new(std::cell::RefCell::new(HashMap::from(pages)));
    in_memory_with(pages, &[]).await
}

struct Kept {
    host: Host,
    publisher: Publisher,
    _folder: TempDir,
}

static GUARDED: LazyLock<Kept> = LazyLock::new(|| {
    let publisher = Publisher::start();
    for (path, page) in pages() {
        publisher.publish(path, Page::json(&page));
    }
    let folder = TempDir::new().unwrap();
    let certificate = folder.path().join("roots.pem");
    std::fs::write(&certificate, publisher.certificate()).unwrap();
    let trust = format!(
        "[[client_tls]]\ncomponent_ids = [\"client-documents\"]\nhosts = [\"localhost\"]\n\
         ca_roots_file = {certificate:?}\n"
    );
    let site = publisher.url("");
    let manifest = manifest_of(folder.path(), &written(&site), Some(&site));
    let options = product::options_of(manifest)
        .runtime_config(trust)
        .variable("client_document_hosts", publisher.authority());
    let set = |options: Options, (name, value)| options.variable(name, value);
    let options = variables(&site).into_iter().fold(options, set);
    Kept {
        host: super::super::start(&options),
        publisher,
        _folder: folder,
    }
});

/// The product with this `postern.toml`, and perhaps one more port for the fetcher: a test's site
/// has no other than a free one.
pub(crate) fn manifest_of(folder: &Path, written: &str, site: Option<&str>) -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut text = include_str!("../../../spin.toml")
        .replace("\"target/", &format!("\"{}/target/", root.display()));
    if let Some(site) = site {
        text = text.replace("[\"https://*\"]", &format!("[\"https://*\", \"{site}\"]"));
    }
    std::fs::write(folder.join("postern.toml"), written).unwrap();
    let path = folder.join("spin.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The server over HTTP.
pub(crate) async fn on_a_guarded_host() -> Guarded<HttpWeb> {
    Guarded {
        web: super::super::web(&GUARDED.host),
        site: GUARDED.publisher.url(""),
    }
}

/// Headers from lines.
pub(crate) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, value.parse().unwrap());
    }
    headers
}

impl<W: Web> Guarded<W> {
    /// Sends one message with these headers, and no other credential.
    pub(crate) async fn send(
        &self,
        lines: &[(&str, &str)],
        method: &str,
        params: Value,
    ) -> Response<Bytes> {
        let mut request = message("", method, params);
        request.headers_mut().remove("authorization");
        request.headers_mut().extend(headers(lines));
        self.web.send(request).await
    }

    /// What `userInfo` says of who calls.
    pub(crate) async fn who(&self, lines: &[(&str, &str)]) -> Value {
        let asked = json!({"name": "userInfo", "arguments": {}});
        let answer = self.send(lines, "tools/call", asked).await;
        let said = harness::client::body(&answer);
        let text = said["result"]["content"][0]["text"].as_str();
        serde_json::from_str(text.expect("a tool's text")).unwrap()
    }

    /// The tools that who calls may use.
    pub(crate) async fn tools(&self, lines: &[(&str, &str)]) -> Vec<String> {
        let answer = self.send(lines, "tools/list", json!({})).await;
        let said = harness::client::body(&answer);
        let tools = said["result"]["tools"].as_array().expect("a list of tools");
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }
}

/// Asserts who was called: tools are told the source's own id, and the tools in memory the whole
/// subject.
pub(crate) fn assert_is(said: &Value, subject: &str) {
    let (_, id) = subject.split_once(':').unwrap();
    match said["subject"].as_str() {
        Some(found) => assert_eq!(found, subject),
        None => {
            let found = said["userId"].as_str().unwrap();
            assert!(found == id || found == subject, "{said}");
        }
    }
}
