//! Requests that leave the host.

use harness::host::{Host, probes};
use reqwest::StatusCode;
use serde_json::Value;

use super::{SHARED, UPSTREAM, get, start, upstream::Upstream, values, with_url};

async fn fetched(host: &Host, url: &str) -> Value {
    get(host, &with_url("/host/fetch", url)).await.json()
}

#[tokio::test]
async fn a_listed_host_is_reached_by_the_name_in_the_url() {
    for name in ["127.0.0.1", "localhost"] {
        let authority = format!("{name}:{}", UPSTREAM.port());
        let fetched = fetched(&SHARED, &format!("http://{authority}/a")).await;
        assert_eq!(
            (&fetched["status"], &fetched["body"]),
            (&200.into(), &authority.into())
        );
    }
}

/// Host, port and scheme each count.
#[tokio::test]
async fn what_is_not_listed_is_denied() {
    let port = UPSTREAM.port();
    let closed = port.wrapping_add(1).max(1024);
    for url in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://127.0.0.1:{closed}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://127.0.0.1.nip.example:{port}/"),
        format!("http://127.0.0.1:{port}@example.com/"),
        "http://example.com/".to_owned(),
        "http://self/".to_owned(),
        "http://composed.spin.internal/add".to_owned(),
    ] {
        let fetched = fetched(&SHARED, &url).await;
        assert!(
            fetched["error"] == "ErrorCode::HttpRequestDenied"
                || url.contains('@') && fetched["error"].is_string(),
            "{url}: {fetched}"
        );
    }
}

#[tokio::test]
async fn a_component_without_the_grant_reaches_nobody() {
    let url = format!("http://127.0.0.1:{}/", UPSTREAM.port());
    let fetched = get(&SHARED, &with_url("/bare/fetch", &url)).await.json();
    assert_eq!(fetched["error"], "ErrorCode::HttpRequestDenied");
}

#[tokio::test]
async fn a_redirect_is_the_guest_s_to_follow() {
    let fetched = fetched(
        &SHARED,
        &format!("http://127.0.0.1:{}/redirect", UPSTREAM.port()),
    )
    .await;
    assert_eq!(fetched["status"], 302);
    assert_eq!(values(&fetched, "location"), ["/moved"]);
}

#[tokio::test]
async fn an_answer_is_handed_on_raw() {
    let url = format!("http://127.0.0.1:{}/redirect", UPSTREAM.port());
    let reply = get(&SHARED, &with_url("/host/forward", &url)).await;
    assert_eq!(reply.status, StatusCode::FOUND);
    assert_eq!(reply.headers["location"], "/moved");
    assert_eq!(reply.text, format!("127.0.0.1:{}", UPSTREAM.port()));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_an_error_and_no_crash() {
    let host = start(&probes());
    let fetched = fetched(&host, "http://127.0.0.1:9/").await;
    assert!(fetched["error"].is_string(), "{fetched}");
    assert_ne!(fetched["error"], "ErrorCode::HttpRequestDenied");
}

/// The guard judges the address that a name leads to, and it is not for chaining.
#[tokio::test]
async fn blocked_private_networks_are_out_of_reach_by_every_name() {
    let upstream = Upstream::start();
    let port = upstream.port();
    let host = start(
        &probes()
            .variable("upstream_port", port.to_string())
            .runtime_config("[outbound_networking]\nblock_networks = [\"private\"]\n"),
    );
    for name in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let fetched = fetched(&host, &format!("http://{name}:{port}/")).await;
        assert_eq!(
            fetched["error"], "ErrorCode::DestinationIpProhibited",
            "{name}"
        );
    }
    assert_eq!(upstream.connections(), 0);
    let chained = fetched(&host, "http://chained.spin.internal/echo").await;
    assert_eq!(chained["status"], 200, "{chained}");
}
