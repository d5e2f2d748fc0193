//! What the host adds to a request, and what it leaves as the client sent it.

use super::{Reply, SHARED, client, get, values};
use reqwest::header::SET_COOKIE;

/// Spin appends its own headers to the client's, so only the last value is the host's.
#[tokio::test]
async fn a_forged_spin_header_comes_before_the_true_one() {
    let forged = "203.0.113.7:1";
    let request = client()
        .get(SHARED.url("/host/echo"))
        .header("spin-client-addr", forged)
        .header("spin-full-url", "https://forged.example/");
    let echo = Reply::of(request.send().await.unwrap()).await.json();
    let peers = values(&echo, "spin-client-addr");
    assert_eq!(peers.first(), Some(&forged), "{peers:?}");
    let peer: std::net::SocketAddr = peers.last().unwrap().parse().expect("an address and port");
    assert!(peer.ip().is_loopback() && peers.len() == 2, "{peers:?}");
    let urls = values(&echo, "spin-full-url");
    assert_eq!(
        urls.last(),
        Some(&SHARED.url("/host/echo").as_str()),
        "{urls:?}"
    );
}

#[tokio::test]
async fn the_host_header_arrives_as_the_client_sent_it() {
    let request = client()
        .get(SHARED.url("/host/echo"))
        .header("host", "Foreign.Example:81");
    let echo = Reply::of(request.send().await.unwrap()).await.json();
    assert_eq!(values(&echo, "host"), ["Foreign.Example:81"]);
}

#[tokio::test]
async fn repeated_headers_stay_apart_and_in_order() {
    let request = client()
        .get(SHARED.url("/host/echo"))
        .header("x-a", "1")
        .header("x-a", "2");
    let echo = Reply::of(request.send().await.unwrap()).await.json();
    assert_eq!(values(&echo, "x-a"), ["1", "2"]);
}

/// A guest that forwards what it got must not be handed what it may not send (RFC 9110 §7.6.1).
#[tokio::test]
async fn connection_headers_stay_with_the_host() {
    let request = client()
        .get(SHARED.url("/host/echo"))
        .header("connection", "close")
        .header("te", "gzip");
    let echo = Reply::of(request.send().await.unwrap()).await.json();
    assert_eq!(values(&echo, "connection"), [""; 0]);
}

#[tokio::test]
async fn the_path_and_query_arrive_byte_for_byte() {
    for path in [
        "/host/echo?a=%2F&a=b+c",
        "/host/%41/echo",
        "/host//echo",
        "/host/echo?",
    ] {
        let echo = get(&SHARED, path).await.json();
        assert_eq!(echo["path"], path);
    }
}

#[tokio::test]
async fn every_method_reaches_the_component() {
    for method in [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
    ] {
        let name = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = client().request(name, SHARED.url("/host/echo"));
        assert_eq!(
            Reply::of(request.send().await.unwrap()).await.json()["method"],
            method
        );
    }
}

#[tokio::test]
async fn two_cookies_are_two_headers() {
    let reply = get(&SHARED, "/host/cookies").await;
    let cookies: Vec<_> = reply.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(
        cookies,
        [
            "first=1; Path=/",
            "second=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"
        ]
    );
}
