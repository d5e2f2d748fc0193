//! HTTP as it is on the wire, and what the host answers by itself.

use std::net::SocketAddr;

use reqwest::{StatusCode, Version};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{PATIENCE, Reply, SHARED, get};

/// Sends bytes as they are and reads until the host closes or `enough` is in the answer.
async fn exchange(address: SocketAddr, bytes: &[u8], enough: impl Fn(&str) -> bool) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = async {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            answer.extend(buffer.iter().take(length));
            if enough(&String::from_utf8_lossy(&answer)) {
                break;
            }
        }
    };
    timeout(PATIENCE, read)
        .await
        .expect("the host answers or closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_path_outside_every_route_is_404() {
    for path in [
        "/",
        "/nowhere",
        "/hos",
        "/hosts/echo",
        "/empty/below",
        "/exact/below",
    ] {
        let reply = get(&SHARED, path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            !reply.text.contains("no action"),
            "{path} reached a component"
        );
    }
}

#[tokio::test]
async fn the_longest_route_wins() {
    assert_eq!(get(&SHARED, "/exact").await.text, "no action named exact");
    assert_eq!(
        get(&SHARED, "/exact/but/deeper").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_wildcard_route_matches_its_own_root() {
    assert_eq!(get(&SHARED, "/host").await.text, "no action named host");
    assert_eq!(get(&SHARED, "/host/").await.text, "no action named ");
    assert_eq!(
        get(&SHARED, "/host/a/b/echo?c=d").await.json()["path"],
        "/host/a/b/echo?c=d"
    );
}

#[tokio::test]
async fn the_health_path_answers_without_a_component() {
    let reply = get(&SHARED, "/.well-known/spin/health").await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, "OK"));
}

#[tokio::test]
async fn a_failed_handler_is_500_with_an_empty_body() {
    let reply = get(&SHARED, "/host/fail").await;
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "")
    );
}

#[tokio::test]
async fn a_connection_carries_many_requests() {
    let request = "GET /empty HTTP/1.1\r\nhost: probes\r\n\r\n".repeat(5);
    let answers = |text: &str| text.matches("HTTP/1.1 200").count();
    let text = exchange(SHARED.address(), request.as_bytes(), |text| {
        answers(text) == 5
    })
    .await;
    assert_eq!(answers(&text), 5, "{text}");
}

#[tokio::test]
async fn http_2_is_spoken_to_those_who_know() {
    let client = reqwest::Client::builder()
        .no_proxy()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let response = client.get(SHARED.url("/host/echo")).send().await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let echo = Reply::of(response).await.json();
    assert_eq!(echo["path"], "/host/echo");
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_host_lives() {
    for bytes in [
        "\u{16}\u{3}\u{1} is TLS\r\n\r\n",
        "GET\r\n\r\n",
        "GET /empty HTTP/1.1\r\nhost: probes\r\nbad header\r\n\r\n",
        "POST /host/echo HTTP/1.1\r\nhost: probes\r\ncontent-length: -1\r\n\r\n",
    ] {
        let text = exchange(SHARED.address(), bytes.as_bytes(), |text| {
            text.ends_with("\r\n\r\n")
        });
        let text = text.await;
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 400"),
            "{bytes:?} got {text:?}"
        );
    }
    assert_eq!(get(&SHARED, "/empty").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_header_that_is_not_utf8_does_not_end_the_host() {
    let request =
        b"GET /host/echo HTTP/1.1\r\nhost: probes\r\nx-raw: \xff\xfe\r\nconnection: close\r\n\r\n";
    let text = exchange(SHARED.address(), request, |_| false).await;
    assert!(text.starts_with("HTTP/1.1 "), "{text:?}");
    assert_eq!(get(&SHARED, "/host/count").await.status, StatusCode::OK);
}
