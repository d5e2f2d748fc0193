//! A component of WASI 0.2, built with the SDK of older hosts.

use harness::host::probes;
use reqwest::StatusCode;

use super::{Reply, SHARED, client, get, start, with_url};

#[tokio::test]
async fn it_answers_with_the_body_it_got() {
    let request = client().post(SHARED.url("/wasi02/echo")).body("hello");
    let reply = Reply::of(request.send().await.unwrap()).await;
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (StatusCode::OK, "POST hello")
    );
}

#[tokio::test]
async fn it_has_variables_key_value_and_sqlite() {
    let host = start(&probes());
    for (path, text) in [
        ("/wasi02/variable?name=greeting", "hello, nobody!"),
        ("/wasi02/key-value?value=kept", "kept true"),
        ("/wasi02/sql?value=stored", "text stored"),
    ] {
        let reply = get(&host, path).await;
        assert_eq!(
            (reply.status, reply.text.as_str()),
            (StatusCode::OK, text),
            "{path}"
        );
    }
}

#[tokio::test]
async fn it_calls_a_component_of_wasi_0_3_and_is_called_by_one() {
    let reply = get(
        &SHARED,
        "/wasi02/fetch?url=http://chained.spin.internal/nothing",
    )
    .await;
    assert_eq!(reply.text, "404 no action named nothing");
    let path = with_url("/host/fetch", "http://wasi02.spin.internal/echo");
    let fetched = get(&SHARED, &path).await.json();
    assert_eq!(
        (&fetched["status"], &fetched["body"]),
        (&200.into(), &"GET ".into())
    );
}

#[tokio::test]
async fn it_is_denied_what_it_was_not_granted() {
    let reply = get(&SHARED, "/wasi02/fetch?url=http://127.0.0.1:9/").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    assert!(
        reply.text.to_lowercase().contains("denied"),
        "{}",
        reply.text
    );
}
