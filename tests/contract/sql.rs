//! `spin:sqlite@3.1.0`, with the traps that `host-spin` has to step around.

use harness::host::{Host, probes};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{SHARED, start};

/// Runs statements on one connection; each is a text or an object with parameters.
async fn run(host: &Host, statements: Value) -> Vec<Value> {
    let statements = statements.as_array().unwrap().iter();
    let script = statements.map(|sql| {
        if sql.is_string() {
            json!({ "sql": sql })
        } else {
            sql.clone()
        }
    });
    let outcomes = super::post(host, "/host/sql", script.collect()).await;
    outcomes.as_array().expect("a list of outcomes").clone()
}

fn assert_fine(outcomes: &[Value]) {
    for outcome in outcomes {
        assert!(
            outcome["execute"].is_null() && outcome["result"].is_null(),
            "{outcome}"
        );
    }
}

/// The rows of one query.
async fn rows(host: &Host, sql: &str) -> Value {
    let outcomes = run(host, json!([sql])).await;
    assert_fine(&outcomes);
    outcomes[0]["rows"].clone()
}

const FILL: &str = "INSERT INTO many (n) WITH RECURSIVE c(n) AS \
                    (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200) SELECT n FROM c";

#[tokio::test]
async fn every_type_comes_back_as_it_went() {
    let outcomes = run(
        &SHARED,
        json!([
            "CREATE TABLE types (i INTEGER, r REAL, t TEXT, b BLOB, n TEXT)",
            { "sql": "INSERT INTO types VALUES (?, ?, ?, ?, ?)",
              "parameters": [-9_007_199_254_740_993_i64, 0.5, "é", [0, 255], null] },
            "SELECT i, r, t, b, n, typeof(b) AS type FROM types",
        ]),
    )
    .await;
    assert_fine(&outcomes);
    assert_eq!(outcomes[1]["changes"], 1);
    assert_eq!(outcomes[1]["last_insert_rowid"], 1);
    assert_eq!(
        outcomes[2]["columns"],
        json!(["i", "r", "t", "b", "n", "type"])
    );
    let row = json!([-9_007_199_254_740_993_i64, 0.5, "é", [0, 255], null, "blob"]);
    assert_eq!(outcomes[2]["rows"], json!([row]));
}

#[tokio::test]
async fn more_rows_than_any_buffer_holds_arrive_in_order() {
    run(&SHARED, json!(["CREATE TABLE many (n INTEGER)", FILL])).await;
    let expected: Vec<_> = (1..=200).map(|n| [n]).collect();
    assert_eq!(
        rows(&SHARED, "SELECT n FROM many ORDER BY n").await,
        json!(expected)
    );
}

/// `execute` succeeds and has no columns; whoever does not read `result()` misses the error.
#[tokio::test]
async fn an_error_shows_in_the_result_alone() {
    let setup = [
        "CREATE TABLE unique_once (id TEXT PRIMARY KEY)",
        "INSERT INTO unique_once VALUES (1)",
    ];
    assert_fine(&run(&SHARED, json!(setup)).await);
    for (sql, reason) in [
        ("SELECT * FROM no_such_table", "no such table"),
        ("SELEKT 1", "syntax error"),
        (
            "INSERT INTO unique_once VALUES (1)",
            "UNIQUE constraint failed",
        ),
    ] {
        let outcome = run(&SHARED, json!([sql])).await.remove(0);
        assert!(outcome["execute"].is_null(), "{sql}: {outcome}");
        let error = outcome["result"].as_str().unwrap_or_default();
        assert!(error.contains(reason), "{sql}: {outcome}");
    }
}

/// Spin runs the first and reports success; a host may refuse the whole. A migration is therefore
/// one statement each.
#[tokio::test]
async fn a_statement_after_the_first_is_never_run() {
    assert_fine(&run(&SHARED, json!(["CREATE TABLE trailing (n INTEGER)"])).await);
    let two = "INSERT INTO trailing VALUES (1); INSERT INTO trailing VALUES (2)";
    let outcome = run(&SHARED, json!([two])).await.remove(0);
    let expected = match outcome["result"].as_str() {
        None => json!([[1]]),
        Some(error) => {
            assert!(error.contains("Multiple statements"), "{outcome}");
            json!([])
        }
    };
    assert_eq!(rows(&SHARED, "SELECT n FROM trailing").await, expected);
}

#[tokio::test]
async fn eight_immediate_transactions_lose_no_update() {
    let setup = [
        "CREATE TABLE counter (n INTEGER)",
        "INSERT INTO counter VALUES (0)",
    ];
    assert_fine(&run(&SHARED, json!(setup)).await);
    let transaction = json!([
        "BEGIN IMMEDIATE",
        "SELECT n FROM counter",
        "UPDATE counter SET n = n + 1",
        "COMMIT"
    ]);
    let all = futures::future::join_all((0..8).map(|_| run(&SHARED, transaction.clone()))).await;
    for outcomes in all {
        assert_fine(&outcomes);
    }
    assert_eq!(rows(&SHARED, "SELECT n FROM counter").await, json!([[8]]));
}

#[tokio::test]
async fn a_transaction_left_open_ends_with_its_connection() {
    assert_fine(&run(&SHARED, json!(["CREATE TABLE open (n INTEGER)"])).await);
    assert_fine(
        &run(
            &SHARED,
            json!(["BEGIN IMMEDIATE", "INSERT INTO open VALUES (1)"]),
        )
        .await,
    );
    assert_fine(&run(&SHARED, json!(["INSERT INTO open VALUES (2)"])).await);
    assert_eq!(rows(&SHARED, "SELECT n FROM open").await, json!([[2]]));
}

#[tokio::test]
async fn a_guarded_update_returns_its_row_once() {
    let spend = "UPDATE once SET state = 'spent' WHERE id = 1 AND state = 'pending'";
    let returning = format!("{spend} RETURNING id, state");
    let setup = [
        "CREATE TABLE once (id INTEGER, state TEXT)",
        "INSERT INTO once VALUES (1, 'pending')",
    ];
    assert_fine(&run(&SHARED, json!(setup)).await);
    let tries = (0..8).map(|_| run(&SHARED, json!([returning])));
    let all = futures::future::join_all(tries).await;
    let spent: Vec<_> = all.iter().map(|outcomes| &outcomes[0]["rows"]).collect();
    assert_eq!(
        spent
            .iter()
            .filter(|rows| ***rows == json!([[1, "spent"]]))
            .count(),
        1,
        "{spent:?}"
    );
    assert_eq!(
        spent.iter().filter(|rows| ***rows == json!([])).count(),
        7,
        "{spent:?}"
    );
    let again = "UPDATE once SET state = 'pending' WHERE id = 1";
    let counted = run(&SHARED, json!([again, spend, spend])).await;
    assert_fine(&counted);
    let changes: Vec<_> = counted
        .iter()
        .map(|outcome| outcome["changes"].clone())
        .collect();
    assert_eq!(changes, [1, 1, 0]);
}

#[tokio::test]
async fn a_connection_waits_for_locks_and_keeps_foreign_keys() {
    assert_eq!(rows(&SHARED, "PRAGMA busy_timeout").await, json!([[5000]]));
    assert_eq!(rows(&SHARED, "PRAGMA foreign_keys").await, json!([[1]]));
}

#[tokio::test]
async fn no_other_file_can_be_attached() {
    let outcome = run(
        &SHARED,
        json!(["ATTACH DATABASE 'elsewhere.db' AS elsewhere"]),
    )
    .await
    .remove(0);
    assert!(
        !outcome["result"].is_null() || !outcome["execute"].is_null(),
        "{outcome}"
    );
}

#[tokio::test]
async fn a_database_without_a_grant_is_denied() {
    for path in ["/bare/sql", "/host/sql?database=other"] {
        let outcomes = super::post(&SHARED, path, json!([{ "sql": "SELECT 1" }])).await;
        assert_eq!(
            outcomes[0]["execute"], "Error::AccessDenied",
            "{path}: {outcomes}"
        );
    }
}

#[tokio::test]
async fn rows_that_were_dropped_hold_nothing() {
    let host = start(&probes());
    let outcomes = run(
        &host,
        json!([
            "CREATE TABLE many (n INTEGER)",
            FILL,
            { "sql": "SELECT n FROM many", "rows": "drop" },
            "INSERT INTO many VALUES (201)",
        ]),
    );
    assert_fine(&outcomes.await);
    assert_eq!(
        rows(&host, "SELECT count(*) FROM many").await,
        json!([[201]])
    );
}

/// Rows that are held keep the connection: Spin never returns from the second `execute`, and other
/// writers then fail. A host may refuse instead; it must not go on as if nothing were wrong.
#[tokio::test]
async fn rows_that_are_held_stop_the_connection_and_damage_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let host = start(&probes().state_dir(folder.path()));
    assert_fine(&run(&host, json!(["CREATE TABLE many (n INTEGER)", FILL])).await);
    let held = json!([
        { "sql": "SELECT n FROM many", "rows": "hold" },
        "INSERT INTO many VALUES (201)",
    ]);
    let patience = std::time::Duration::from_secs(2);
    if let Ok(outcomes) = timeout(patience, run(&host, held)).await {
        let second = &outcomes[1];
        assert!(
            !second["execute"].is_null() || !second["result"].is_null(),
            "{second}"
        );
    }
    let write = run(&host, json!(["INSERT INTO many VALUES (202)"]));
    let written = match timeout(super::PATIENCE / 2, write).await {
        Ok(outcomes) => outcomes[0]["result"].is_null() && outcomes[0]["execute"].is_null(),
        Err(_) => false,
    };
    drop(host);
    let host = start(&probes().state_dir(folder.path()));
    assert_eq!(rows(&host, "PRAGMA integrity_check").await, json!([["ok"]]));
    let count = rows(&host, "SELECT count(*) FROM many WHERE n <> 201").await;
    assert_eq!(count, json!([[200 + i32::from(written)]]));
}
