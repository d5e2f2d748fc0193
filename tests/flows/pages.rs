//! A person reads a page, whatever went wrong before any flow saw their request.

use bytes::Bytes;
use harness::{Web, World, product};
use http::{Request, Response, StatusCode, header};

super::everywhere!(on_a_patient_host:
    a_form_that_is_too_large_or_no_form_is_refused_on_a_page,
);

const FORMS: [&str; 3] = ["/consent", "/login/dev", "/callback/dev"];

fn is_page(answer: &Response<Bytes>) -> bool {
    answer.headers()[header::CONTENT_TYPE] == "text/html; charset=utf-8"
        && answer
            .headers()
            .contains_key(header::CONTENT_SECURITY_POLICY)
}

async fn posted(web: &impl Web, path: &str, kind: &str, body: Vec<u8>) -> Response<Bytes> {
    let request = Request::post(path).header(header::CONTENT_TYPE, kind);
    web.send(request.body(Bytes::from(body)).unwrap()).await
}

async fn a_form_that_is_too_large_or_no_form_is_refused_on_a_page(world: World<impl Web>) {
    for path in FORMS {
        let answer = posted(&world.web, path, "application/json", b"{}".to_vec()).await;
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        assert_eq!(
            (answer.status(), is_page(&answer)),
            (status, true),
            "{path}"
        );
        // The door that reads bodies is the host's: there is none in memory.
        if !world.web.is_in_memory() {
            let form = "application/x-www-form-urlencoded";
            let answer = posted(&world.web, path, form, vec![b'x'; 100_000]).await;
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            assert_eq!(
                (answer.status(), is_page(&answer)),
                (status, true),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_server_without_its_keys_says_so_on_a_page() {
    let host = super::start(&product::options().variable("tx_dev", ""));
    let web = super::web(&host);
    for path in ["/authorize", "/login/dev", "/callback/dev"] {
        let answer = harness::client::get(&web, path).await;
        let status = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(
            (answer.status(), is_page(&answer)),
            (status, true),
            "{path}"
        );
        assert!(
            String::from_utf8_lossy(answer.body()).contains("tx_dev"),
            "{path}"
        );
        assert!(answer.headers().contains_key(header::RETRY_AFTER));
    }
    let answer = harness::client::get(&web, "/.well-known/oauth-authorization-server").await;
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "what needs no such key goes on"
    );
}
