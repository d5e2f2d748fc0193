//! The behaviours of databases that guests rely on.

use super::*;

struct Fixture {
    path: Arc<Path>,
    _folder: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    Fixture {
        path: folder.path().join("test.db").into(),
        _folder: folder,
    }
}

async fn query(connection: &Connection, statement: &str) -> Vec<Vec<Value>> {
    let result = connection
        .query(statement.into(), vec![])
        .await
        .expect(statement);
    result.rows.into_iter().map(|row| row.values).collect()
}

async fn outcome(connection: &Connection, statement: &str) -> (Vec<String>, Result<(), Error>) {
    let mut rows = connection
        .start(statement.into(), vec![])
        .await
        .expect("a started statement");
    while rows.rows.recv().await.is_some() {}
    (rows.columns, rows.end.await.expect("an end"))
}

#[tokio::test]
async fn pragmas_are_those_of_spin() {
    let fixture = fixture();
    let connection = Connection::new(fixture.path);
    for (pragma, expected) in [
        ("busy_timeout", Value::Integer(5000)),
        ("foreign_keys", Value::Integer(1)),
        ("synchronous", Value::Integer(2)),
        ("journal_mode", Value::Text("delete".into())),
    ] {
        let found = query(&connection, &format!("PRAGMA {pragma}")).await;
        assert_eq!(
            format!("{found:?}"),
            format!("{:?}", [[expected]]),
            "{pragma}"
        );
    }
}

#[tokio::test]
async fn an_error_shows_only_at_the_end_of_the_rows() {
    let fixture = fixture();
    let connection = Connection::new(fixture.path);
    let (columns, end) = outcome(&connection, "SELECT * FROM missing").await;
    assert!(columns.is_empty());
    assert!(matches!(end, Err(Error::Io(reason)) if reason.contains("no such table")));
    query(&connection, "CREATE TABLE t (x UNIQUE)").await;
    assert!(
        outcome(&connection, "INSERT INTO t VALUES (1)")
            .await
            .1
            .is_ok()
    );
    let (_, end) = outcome(&connection, "INSERT INTO t VALUES (1)").await;
    assert!(matches!(end, Err(Error::Io(reason)) if reason.contains("UNIQUE")));
}

#[tokio::test]
async fn undrained_rows_keep_the_connection_and_dropped_rows_do_not() {
    let fixture = fixture();
    let mut connection = Connection::new(fixture.path);
    connection.patience = Duration::from_millis(50);
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n";
    let rows = connection
        .start(many.into(), vec![])
        .await
        .expect("a started statement");
    let second = connection.start("SELECT 1".into(), vec![]).await;
    assert!(matches!(second, Err(Error::Io(reason)) if reason.contains("earlier statement")));
    drop(rows);
    assert!(outcome(&connection, "SELECT 1").await.1.is_ok());
}

#[tokio::test]
async fn a_transaction_spans_statements_and_connections_do_not_share_it() {
    let fixture = fixture();
    let [one, two] = [0, 1].map(|_| Connection::new(fixture.path.clone()));
    query(&one, "CREATE TABLE t (x)").await;
    query(&one, "BEGIN IMMEDIATE").await;
    query(&one, "INSERT INTO t VALUES (1)").await;
    assert_eq!(one.changes().await.expect("changes"), 1);
    assert_eq!(one.last_insert_rowid().await.expect("a rowid"), 1);
    assert_eq!(query(&two, "SELECT x FROM t").await.len(), 0);
    query(&one, "COMMIT").await;
    assert_eq!(query(&two, "SELECT x FROM t").await.len(), 1);
}

#[tokio::test]
async fn values_of_every_kind_survive() {
    let fixture = fixture();
    let connection = Connection::new(fixture.path);
    let values = || {
        vec![
            Value::Integer(i64::MIN),
            Value::Real(0.5),
            Value::Text("ü".into()),
            Value::Blob(vec![0, 255]),
            Value::Null,
        ]
    };
    let found = connection
        .query("SELECT ?1, ?2, ?3, ?4, ?5".into(), values())
        .await
        .expect("a row");
    assert_eq!(
        format!("{:?}", found.rows[0].values),
        format!("{:?}", values())
    );
}

#[tokio::test]
async fn other_files_cannot_be_attached() {
    let fixture = fixture();
    let other = fixture.path.with_extension("other");
    let connection = Connection::new(fixture.path);
    let refused = connection
        .query(format!("ATTACH '{}' AS other", other.display()), vec![])
        .await;
    assert!(matches!(refused, Err(Error::Io(reason)) if reason.contains("not authorized")));
    assert!(!other.exists());
}

#[tokio::test]
async fn a_file_that_is_no_database_says_so() {
    let fixture = fixture();
    std::fs::write(
        &fixture.path,
        "this is not a database, however long it may be",
    )
    .expect("a file");
    let (_, end) = outcome(&Connection::new(fixture.path.clone()), "SELECT 1 FROM t").await;
    assert!(matches!(end, Err(Error::Io(reason)) if reason.contains("not a database")));
    assert!(probe(&fixture.path).is_err());
}

/// What is given up after it was committed would be done twice.
#[tokio::test]
async fn a_statement_that_is_tried_here_and_ends_elsewhere_is_done_once() {
    let fixture = fixture();
    let connection = Connection::new(fixture.path);
    query(&connection, "PRAGMA journal_mode = wal").await;
    query(&connection, "CREATE TABLE t (x)").await;
    let mut expected = 0;
    for rows in [1, 2, 900, 1_100, 30_000, 400_000] {
        let insert = format!(
            "INSERT INTO t WITH RECURSIVE n(i) AS \
             (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n"
        );
        let (_, end) = outcome(&connection, &insert).await;
        assert!(end.is_ok(), "{rows}");
        expected += rows;
        let found = query(&connection, "SELECT count(*) FROM t").await;
        assert_eq!(
            format!("{found:?}"),
            format!("{:?}", [[Value::Integer(expected)]])
        );
    }
}

#[tokio::test]
async fn a_statement_that_has_to_wait_holds_up_nobody_on_its_thread() {
    let fixture = fixture();
    let [holder, waiter] = [0, 1].map(|_| Connection::new(fixture.path.clone()));
    query(&holder, "CREATE TABLE t (x)").await;
    query(&holder, "BEGIN IMMEDIATE").await;
    let waiting = tokio::spawn(async move {
        let (_, end) = outcome(&waiter, "INSERT INTO t VALUES (1) RETURNING x").await;
        end
    });
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!waiting.is_finished(), "somebody else holds the lock");
    }
    query(&holder, "COMMIT").await;
    assert!(waiting.await.expect("a task").is_ok());
    assert_eq!(query(&holder, "SELECT x FROM t").await.len(), 1);
}

/// The same statements, tried here or not, tell the same.
#[tokio::test]
async fn whoever_is_not_alone_sees_no_difference() {
    for alone in [true, false] {
        let others = (!alone).then(|| [(); 2].map(|()| lane::UnderWay::begin()));
        assert_eq!(lane::is_alone(), alone);
        let fixture = fixture();
        let connection = Connection::new(fixture.path);
        query(&connection, "CREATE TABLE t (x UNIQUE)").await;
        for (statement, columns, good) in [
            ("INSERT INTO t VALUES (1) RETURNING x AS y", vec!["y"], true),
            (
                "INSERT INTO t VALUES (1) RETURNING x AS y",
                vec!["y"],
                false,
            ),
            ("SELECT x AS a, x AS b FROM t", vec!["a", "b"], true),
            ("SELECT nothing FROM t", vec![], false),
            ("DELETE FROM t", vec![], true),
        ] {
            let (found, end) = outcome(&connection, statement).await;
            assert_eq!(
                (found, end.is_ok()),
                (columns.iter().map(ToString::to_string).collect(), good),
                "{statement}"
            );
        }
        drop(others);
    }
}

#[tokio::test]
async fn what_a_guest_chose_for_its_connection_stays() {
    let fixture = fixture();
    let connection = Connection::new(fixture.path);
    for statement in ["PRAGMA busy_timeout = 77", "SELECT 1", "SELECT 2"] {
        assert!(outcome(&connection, statement).await.1.is_ok());
    }
    let found = query(&connection, "PRAGMA busy_timeout").await;
    assert_eq!(
        format!("{found:?}"),
        format!("{:?}", [[Value::Integer(77)]])
    );
}

#[test]
fn what_asks_for_the_last_change_is_not_tried() {
    for (statement, tried) in [
        ("SELECT 1", true),
        ("\n  update t SET x = 1 RETURNING x", true),
        ("INSERT INTO t VALUES (1)", true),
        ("DELETE FROM t", true),
        ("SELECT changes()", false),
        ("INSERT INTO t VALUES (LAST_INSERT_ROWID ())", false),
        ("PRAGMA busy_timeout", false),
        ("BEGIN IMMEDIATE", false),
        ("", false),
    ] {
        assert_eq!(at_once::is_of_rows(statement), tried, "{statement}");
    }
}
