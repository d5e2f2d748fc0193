//! What our components rely on from any host, shown by the probes in `tests/probes`.
//!
//! *Invariant:* a test changes nothing that another test on the shared host looks at; those that
//! would have a host of their own.

mod body;
mod chaining;
mod composed;
mod grants;
mod instance;
mod key_value;
mod manifest;
mod outbound;
mod protocol;
mod request;
mod sql;
mod state;
mod stream;
mod upstream;
mod wasi02;

use std::{future::Future, path::Path, sync::LazyLock, time::Duration};

use harness::host::{Host, Options, probes};
use reqwest::{Response, StatusCode, header::HeaderMap};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::POSTERN;
use upstream::Upstream;

/// One host for every test that leaves it as it found it. The harness ends it with this process.
static SHARED: LazyLock<Host> =
    LazyLock::new(|| start(&probes().variable("upstream_port", UPSTREAM.port().to_string())));
static UPSTREAM: LazyLock<Upstream> = LazyLock::new(Upstream::start);

/// Where Cargo puts what it builds for `wasm32-wasip2`.
const WASM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/wasm32-wasip2/release"
);

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn start(options: &Options) -> Host {
    Host::start(POSTERN, options).unwrap_or_else(|error| unreachable(&error.to_string()))
}

#[expect(clippy::panic, reason = "a test without its host has failed")]
fn unreachable(why: &str) -> ! {
    panic!("{why}")
}

/// An answer, read to its end.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("the body arrives whole");
        Self {
            status,
            headers,
            text,
        }
    }

    /// The body of a 200 as JSON.
    fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        serde_json::from_str(&self.text).expect("the body is JSON")
    }
}

/// A client without memory: no pool, no redirects, no proxy.
fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
        .expect("a client without TLS needs nothing")
}

/// A client with one connection for all that it asks: a host need not let requests of several
/// share an instance.
fn steady() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .timeout(PATIENCE)
        .build()
        .expect("a client without TLS needs nothing")
}

async fn get(host: &Host, path: &str) -> Reply {
    get_by(&client(), host, path).await
}

async fn get_by(client: &reqwest::Client, host: &Host, path: &str) -> Reply {
    let answer = client.get(host.url(path)).send().await;
    Reply::of(answer.expect("the host answers")).await
}

/// Posts JSON and reads JSON.
async fn post(host: &Host, path: &str, json: Value) -> Value {
    let request = client().post(host.url(path)).json(&json);
    Reply::of(request.send().await.expect("the host answers"))
        .await
        .json()
}

/// A path with a URL as its parameter.
fn with_url(path: &str, url: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    format!("{path}?url={encoded}")
}

/// The least that is served, with lines added to the tables of its only component.
fn manifest(wasm: &str, more: &str) -> String {
    let source = Path::new(WASM).join(wasm);
    format!(
        "spin_manifest_version = 2\n\
         [application]\nname = \"only\"\nversion = \"0.1.0\"\n\
         [[trigger.http]]\nroute = \"/...\"\ncomponent = \"only\"\n\
         [component.only]\nsource = {source:?}\n{more}"
    )
}

/// Every value of a header that a probe saw, in the host's order.
fn values<'a>(echo: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = echo["headers"]
        .as_array()
        .expect("an echo lists its headers");
    headers
        .iter()
        .filter(|pair| pair[0] == name)
        .filter_map(|pair| pair[1].as_str())
        .collect()
}

/// Asks again until there is an answer, or patience ends.
async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(answer) = ask().await {
            return answer;
        }
        sleep(Duration::from_millis(50)).await;
    }
    unreachable(&format!(
        "{what}: not within {} seconds",
        PATIENCE.as_secs()
    ))
}
