//! Bodies of every size, both ways.

use reqwest::{Body, StatusCode};

use super::{SHARED, client};

#[tokio::test]
async fn thirty_megabytes_go_through_a_component_and_back() {
    let sent: Vec<u8> = (0..30_u32 << 20).map(|i| (i % 251) as u8).collect();
    let request = client().post(SHARED.url("/host/raw")).body(sent.clone());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(
        response.bytes().await.unwrap() == sent,
        "the body came back changed"
    );
}

#[tokio::test]
async fn a_body_of_unknown_length_arrives_whole() {
    let pieces = (0..100).map(|i| Ok::<_, std::io::Error>(format!("{i},")));
    let body = Body::wrap_stream(futures::stream::iter(pieces));
    let response = client()
        .post(SHARED.url("/host/raw"))
        .body(body)
        .send()
        .await
        .unwrap();
    let whole: String = (0..100).map(|i| format!("{i},")).collect();
    assert_eq!(response.text().await.unwrap(), whole);
}

#[tokio::test]
async fn a_declared_length_reaches_the_client() {
    let response = client().get(SHARED.url("/host/echo")).send().await.unwrap();
    let declared = response.content_length();
    assert_eq!(declared, Some(response.bytes().await.unwrap().len() as u64));
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_no_fault() {
    let request = client()
        .post(SHARED.url("/empty"))
        .body(vec![b'x'; 1 << 20]);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}
