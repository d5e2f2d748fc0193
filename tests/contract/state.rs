//! The state folder: shared by processes, damaged, and left in good order.

use std::{path::Path, time::Duration};

use harness::host::{Host, Kind, Options, StartFailed, probes};
use reqwest::StatusCode;
use serde_json::json;
use tokio::time::sleep;

use super::{Reply, client, get, post, start};
use crate::POSTERN;

fn on(folder: &Path) -> Options {
    probes().state_dir(folder)
}

#[tokio::test]
async fn two_processes_on_one_folder_see_each_others_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (start(&on(folder.path())), start(&on(folder.path())));
    for (writer, reader, value) in [(&one, &two, "a"), (&two, &one, "b"), (&one, &two, "c")] {
        let set = json!([{ "op": "set", "key": "seen", "value": value }]);
        post(writer, "/host/key-value", set).await;
        let read = post(
            reader,
            "/host/key-value",
            json!([{ "op": "get", "key": "seen" }]),
        )
        .await;
        assert_eq!(read, json!([{ "value": value }]));
        let insert = json!([
            { "sql": "CREATE TABLE IF NOT EXISTS seen (value TEXT)" },
            { "sql": "INSERT INTO seen VALUES (?)", "parameters": [value] },
        ]);
        post(writer, "/host/sql", insert).await;
        let select = json!([{ "sql": "SELECT value FROM seen ORDER BY rowid DESC LIMIT 1" }]);
        let rows = post(reader, "/host/sql", select).await;
        assert_eq!(rows[0]["rows"], json!([[value]]));
    }
}

#[tokio::test]
async fn two_processes_spend_one_row_once() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = [start(&on(folder.path())), start(&on(folder.path()))];
    let create = json!([{ "sql": "CREATE TABLE once (id INTEGER PRIMARY KEY, spent INTEGER)" }]);
    post(&hosts[0], "/host/sql", create).await;
    for id in 0..5 {
        let insert = json!([{ "sql": "INSERT INTO once VALUES (?, 0)", "parameters": [id] }]);
        post(&hosts[0], "/host/sql", insert).await;
        let spend = json!([{
            "sql": "UPDATE once SET spent = 1 WHERE id = ? AND spent = 0 RETURNING id",
            "parameters": [id],
        }]);
        let tries = (0..8).map(|i| post(&hosts[i % 2], "/host/sql", spend.clone()));
        let tries = futures::future::join_all(tries).await;
        let rows = tries
            .iter()
            .filter(|outcomes| outcomes[0]["rows"] == json!([[id]]));
        assert_eq!(rows.count(), 1, "{tries:?}");
        assert!(
            tries.iter().all(|outcomes| outcomes[0]["result"].is_null()),
            "{tries:?}"
        );
    }
}

#[tokio::test]
async fn state_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(&on(folder.path()));
    let set = json!([{ "op": "set", "key": "kept", "value": "yes" }]);
    post(&host, "/host/key-value", set).await;
    host.stop().unwrap();
    let host = start(&on(folder.path()));
    let read = post(
        &host,
        "/host/key-value",
        json!([{ "op": "get", "key": "kept" }]),
    )
    .await;
    assert_eq!(read, json!([{ "value": "yes" }]));
}

/// A host may refuse to start, naming the file, or answer with an error; it must not crash or
/// start over with an empty store.
#[tokio::test]
async fn a_damaged_database_is_an_error_and_no_crash() {
    for (file, path, ask) in [
        (
            "sqlite_db.db",
            "/host/sql",
            json!([{ "sql": "SELECT * FROM sqlite_master" }]),
        ),
        (
            "sqlite_key_value.db",
            "/host/key-value",
            json!([{ "op": "keys" }]),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let host = start(&on(folder.path()));
        let set = json!([{ "op": "set", "key": "kept", "value": "yes" }]);
        post(&host, "/host/key-value", set).await;
        post(
            &host,
            "/host/sql",
            json!([{ "sql": "CREATE TABLE kept (value TEXT)" }]),
        )
        .await;
        host.stop().unwrap();
        assert!(
            folder.path().join(file).exists(),
            "the host keeps its data elsewhere"
        );
        std::fs::write(folder.path().join(file), "no database\n".repeat(1000)).unwrap();
        match Host::start(POSTERN, &on(folder.path())) {
            Ok(host) => {
                let outcomes = post(&host, path, ask).await;
                let outcome = &outcomes[0];
                let error = ["execute", "result", "error"]
                    .iter()
                    .find_map(|key| outcome[key].as_str());
                assert!(error.is_some(), "{file}: {outcomes}");
                assert_eq!(get(&host, "/host/count").await.status, StatusCode::OK);
            }
            Err(StartFailed::Ended { output, .. }) => assert!(output.contains(file), "{output}"),
            Err(other) => unreachable!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_host_ends() {
    if !Kind::is_postern_or_skipped("it cuts what is in flight when it is told to end") {
        return;
    }
    let host = start(&probes());
    let late = tokio::spawn(client().get(host.url("/host/slow?ms=1500")).send());
    sleep(Duration::from_millis(500)).await;
    host.terminate();
    sleep(Duration::from_millis(300)).await;
    let refused = client().get(host.url("/empty")).send().await;
    assert!(refused.is_err(), "a host that ends takes nothing new");
    let reply = Reply::of(late.await.unwrap().expect("the answer arrives")).await;
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (StatusCode::OK, "late")
    );
    assert!(host.wait().unwrap().success());
}
