//! `spin:key-value@3.0.0`.

use serde_json::json;

use super::{SHARED, post};

#[tokio::test]
async fn a_value_is_written_read_listed_and_deleted() {
    let steps = json!([
        { "op": "get", "key": "kv/a" },
        { "op": "exists", "key": "kv/a" },
        { "op": "set", "key": "kv/a", "value": "one" },
        { "op": "set", "key": "kv/a", "value": "two" },
        { "op": "get", "key": "kv/a" },
        { "op": "exists", "key": "kv/a" },
        { "op": "delete", "key": "kv/a" },
        { "op": "get", "key": "kv/a" },
        { "op": "delete", "key": "kv/a" },
    ]);
    let expected = json!([
        { "value": null },
        { "exists": false },
        { "set": true },
        { "set": true },
        { "value": "two" },
        { "exists": true },
        { "deleted": true },
        { "value": null },
        { "deleted": true },
    ]);
    assert_eq!(post(&SHARED, "/host/key-value", steps).await, expected);
}

#[tokio::test]
async fn every_key_is_listed_however_many_there_are() {
    let keys: Vec<_> = (0..300).map(|i| format!("kv/many/{i:03}")).collect();
    let set = keys
        .iter()
        .map(|key| json!({ "op": "set", "key": key, "value": "" }))
        .collect();
    post(&SHARED, "/host/key-value", set).await;
    let listed = post(&SHARED, "/host/key-value", json!([{ "op": "keys" }])).await;
    let listed = listed[0]["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|key| key.as_str());
    let listed: Vec<_> = listed.filter(|key| key.starts_with("kv/many/")).collect();
    assert_eq!(listed, keys);
}

#[tokio::test]
async fn a_label_is_one_store_for_all_who_have_it() {
    let key = "kv/shared";
    post(
        &SHARED,
        "/host/key-value",
        json!([{ "op": "set", "key": key, "value": "seen" }]),
    )
    .await;
    let chained = super::with_url("/host/fetch", "http://wasi02.spin.internal/key-value?k=02");
    super::get(&SHARED, &chained).await.json();
    let read = json!([{ "op": "get", "key": key }, { "op": "get", "key": "wasi02" }]);
    let read = post(&SHARED, "/host/key-value", read).await;
    assert_eq!(read, json!([{ "value": "seen" }, { "value": "02" }]));
}

#[tokio::test]
async fn a_store_without_a_grant_is_denied() {
    for path in ["/bare/key-value", "/host/key-value?store=other"] {
        let refused = post(&SHARED, path, json!([{ "op": "keys" }])).await;
        assert_eq!(
            refused,
            json!([{ "error": "Error::AccessDenied" }]),
            "{path}"
        );
    }
}
