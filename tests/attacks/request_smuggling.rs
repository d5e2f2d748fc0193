//! Request smuggling. The attacker frames a request so that a proxy and we see different ends of it;
//! they want what is inside to be answered as somebody else's.
//!
//! *Invariant:* a request whose length can be read in two ways is refused, and what is inside a body
//! is never a request.

use harness::Web as _;

use super::{FORM, assert_unharmed, authority, raw};
use crate::flows::on_a_patient_host;

#[tokio::test]
async fn a_request_inside_a_request_is_not_answered() {
    let world = on_a_patient_host().await;
    let host = authority(world.web.issuer()).to_owned();
    let inner =
        format!("GET /.well-known/jwks.json HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let length = inner.len();
    for framing in [
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding : chunked\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding: xchunked\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding: chunked, identity\r\n"),
        format!("content-length: 5\r\ncontent-length: {length}\r\n"),
        format!("content-length: +{length}\r\n"),
        format!("content-length: 0{length}, {length}\r\n"),
        "content-length: -1\r\n".to_owned(),
    ] {
        let request = format!(
            "POST /token HTTP/1.1\r\nhost: {host}\r\ncontent-type: {FORM}\r\n{framing}\r\n0\r\n\r\n{inner}"
        );
        let answer = raw_within_moments(world.web.issuer(), &request).await;
        let answers = answer.matches("HTTP/1.1 ").count();
        let published = answer.contains("\"keys\"");
        // With chunks and a length the chunks count (RFC 9112 §6.3), and what follows is a request.
        assert!(
            !published || framing.contains("chunked\r\n") && answers == 2,
            "{framing}{answer}"
        );
        assert!(
            !answer.contains(" 200 OK") || published,
            "{framing}{answer}"
        );
    }
    assert_unharmed(&world).await;
}

/// What is answered before the connection falls silent; a server may wait for more.
async fn raw_within_moments(issuer: &str, request: &str) -> String {
    let answer = raw(issuer, request);
    let within = std::time::Duration::from_secs(2);
    tokio::time::timeout(within, answer)
        .await
        .unwrap_or_default()
}
