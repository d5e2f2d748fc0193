//! One component calls another: `http://<component>.spin.internal`.

use reqwest::StatusCode;
use serde_json::Value;

use super::{Reply, SHARED, client, get, values, with_url};

async fn fetched(path: &str, url: &str) -> Value {
    get(&SHARED, &with_url(path, url)).await.json()
}

fn echo_in(fetched: &Value) -> Value {
    serde_json::from_str(fetched["body"].as_str().expect("a chained call has a body")).unwrap()
}

#[tokio::test]
async fn a_private_route_is_404_from_outside() {
    for path in ["/chained", "/chained/echo", "/private/echo"] {
        assert_eq!(
            get(&SHARED, path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    // The internal name is no virtual host either.
    let request = client()
        .get(SHARED.url("/echo"))
        .header("host", "chained.spin.internal");
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_private_route_is_reached_by_chaining() {
    let fetched = fetched("/host/fetch", "http://chained.spin.internal/a/echo?b=c").await;
    assert_eq!(fetched["status"], 200, "{fetched}");
    assert_eq!(echo_in(&fetched)["path"], "/a/echo?b=c");
}

/// So a component never learns from `Host` by which name the client came.
#[tokio::test]
async fn a_chained_request_has_no_host_header() {
    let echo = echo_in(&fetched("/host/fetch", "http://chained.spin.internal/echo").await);
    assert_eq!(values(&echo, "host"), [""; 0]);
}

/// The caller's own header arrives too, so being chained proves nothing by itself.
#[tokio::test]
async fn a_chained_request_has_no_peer_of_its_own() {
    let path = with_url("/host/fetch", "http://chained.spin.internal/echo");
    let request = client()
        .get(SHARED.url(&path))
        .header("spin-client-addr", "203.0.113.7:1");
    let echo = echo_in(&Reply::of(request.send().await.unwrap()).await.json());
    let peers = values(&echo, "spin-client-addr");
    let last: std::net::SocketAddr = peers
        .last()
        .expect("the host says something")
        .parse()
        .unwrap();
    assert!(last.ip().is_unspecified(), "{peers:?}");
}

#[tokio::test]
async fn chaining_needs_a_grant() {
    let fetched = fetched("/bare/fetch", "http://chained.spin.internal/echo").await;
    assert_eq!(fetched["error"], "ErrorCode::HttpRequestDenied");
}

#[tokio::test]
async fn cookies_and_status_survive_a_chained_hop() {
    let path = with_url("/host/forward", "http://chained.spin.internal/cookies");
    let reply = get(&SHARED, &path).await;
    assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 2);
    let path = with_url("/host/forward", "http://chained.spin.internal/nothing");
    let reply = get(&SHARED, &path).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(reply.text, "no action named nothing");
}

#[tokio::test]
async fn a_failure_behind_a_chained_hop_does_not_end_the_caller() {
    let fetched = fetched("/host/fetch", "http://chained.spin.internal/fail").await;
    assert!(
        fetched["status"] == 500 || fetched["error"].is_string(),
        "{fetched}"
    );
}
