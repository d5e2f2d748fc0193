//! SQLite databases as guests see them, with the pragmas and the traps of Spin.
//!
//! *Invariant:* every opening is a connection of its own, and rows of a query that a guest has not
//! taken keep its connection busy, as they do on Spin.

use std::{
    mem,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{
    hooks::{AuthAction, AuthContext, Authorization},
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use tokio::sync::{
    Mutex, OwnedMutexGuard,
    mpsc::{self, error::TrySendError},
    oneshot,
};

use crate::{
    bindings::sqlite::{Error, QueryResult, RowResult, Value},
    lane,
};

mod at_once;

/// The most bytes of one value or row that are held for a guest, as on Spin.
pub(crate) const MAX_RESULT_BYTES: usize = 128 << 20;

/// Rows that wait for the guest before the statement pauses, as on Spin.
const ROWS_AHEAD: usize = 4;

/// How long a statement waits for rows of an earlier one to be taken. Spin waits for ever.
const UNDRAINED_PATIENCE: Duration = Duration::from_secs(5);

/// A connection that a guest has opened; the file is opened with the first statement.
#[derive(Debug, Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Connection {
    path: Arc<Path>,
    open: Arc<Mutex<Option<rusqlite::Connection>>>,
    /// Whether its guest chose how it behaves, which is then left alone.
    chosen: Arc<AtomicBool>,
    patience: Duration,
}

/// The rows of a running statement.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: mpsc::Receiver<RowResult>,
    pub(crate) end: oneshot::Receiver<Result<(), Error>>,
}

/// The columns of a statement, told once: when it is over, or when its rows need room. Most are
/// over at once, and their guest is woken for the columns, the rows and the end together.
struct Columns {
    names: Vec<String>,
    sender: Option<oneshot::Sender<Vec<String>>>,
}

impl Columns {
    fn channel() -> (Self, oneshot::Receiver<Vec<String>>) {
        let (sender, receiver) = oneshot::channel();
        let columns = Self {
            names: Vec::new(),
            sender: Some(sender),
        };
        (columns, receiver)
    }

    fn tell(&mut self) {
        if let Some(sender) = self.sender.take() {
            // A guest that went away wants no columns.
            drop(sender.send(mem::take(&mut self.names)));
        }
    }
}

impl Connection {
    pub(crate) fn new(path: Arc<Path>) -> Self {
        Self {
            path,
            open: Arc::default(),
            chosen: Arc::default(),
            patience: UNDRAINED_PATIENCE,
        }
    }

    /// Runs a statement to its end and returns all rows.
    pub(crate) async fn query(
        &self,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        self.blocking(move |connection| {
            let mut statement = connection.prepare_cached(&statement).map_err(io)?;
            let columns = column_names(&statement);
            let mut bytes = 0;
            let mut rows = Vec::new();
            run(&mut statement, parameters, |row| {
                bytes += size(&row);
                rows.push(row);
                if bytes > MAX_RESULT_BYTES {
                    Err(too_large())
                } else {
                    Ok(())
                }
            })?;
            Ok(QueryResult { columns, rows })
        })
        .await
    }

    /// Starts a statement. Whatever goes wrong shows at the end of its rows, as on Spin.
    pub(crate) async fn start(
        &self,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Rows, Error> {
        let mut guard = self.idle().await?;
        if is_pragma(&statement) {
            self.chosen.store(true, Ordering::Relaxed);
        }
        if lane::is_alone()
            && !self.chosen.load(Ordering::Relaxed)
            && let Some(rows) = at_once::attempt(&mut guard, &statement, &parameters)?
        {
            return Ok(rows);
        }
        let (mut announced, columns) = Columns::channel();
        let (row_sender, rows) = mpsc::channel(ROWS_AHEAD);
        let (end_sender, end) = oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let outcome = with_open(guard, |connection| {
                let mut statement = connection.prepare_cached(&statement).map_err(io)?;
                announced.names = column_names(&statement);
                run(&mut statement, parameters, |row| {
                    if size(&row) > MAX_RESULT_BYTES {
                        return Err(too_large());
                    }
                    // A guest that went away wants no rows.
                    row_sender.try_send(row).or_else(|error| match error {
                        TrySendError::Closed(_) => Err(gone()),
                        TrySendError::Full(row) => {
                            announced.tell();
                            row_sender.blocking_send(row).map_err(|_| gone())
                        }
                    })
                })
            });
            drop(end_sender.send(outcome));
            announced.tell();
        });
        Ok(Rows {
            columns: columns.await.unwrap_or_default(),
            rows,
            end,
        })
    }

    /// The rows that the last statement changed.
    pub(crate) async fn changes(&self) -> Result<u64, Error> {
        self.blocking(|connection| Ok(connection.changes())).await
    }

    /// The rowid of the last insertion.
    pub(crate) async fn last_insert_rowid(&self) -> Result<i64, Error> {
        self.blocking(|connection| Ok(connection.last_insert_rowid()))
            .await
    }

    async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        let guard = self.idle().await?;
        let done = tokio::task::spawn_blocking(move || with_open(guard, work)).await;
        done.map_err(|error| Error::Io(error.to_string()))?
    }

    async fn idle(&self) -> Result<Idle, Error> {
        match tokio::time::timeout(self.patience, self.open.clone().lock_owned()).await {
            Ok(open) => Ok(Idle {
                path: self.path.clone(),
                open,
            }),
            Err(_) => Err(Error::Io(
                "the connection still holds rows of an earlier statement: take or drop them first"
                    .into(),
            )),
        }
    }
}

/// A connection that runs nothing and is ours alone.
struct Idle {
    path: Arc<Path>,
    open: OwnedMutexGuard<Option<rusqlite::Connection>>,
}

fn is_pragma(statement: &str) -> bool {
    let word = statement.trim_start().get(..6);
    word.is_some_and(|word| word.eq_ignore_ascii_case("PRAGMA"))
}

impl Idle {
    fn connection(&mut self) -> Result<&mut rusqlite::Connection, Error> {
        if self.open.is_none() {
            *self.open = Some(open(&self.path).map_err(io)?);
        }
        self.open.as_mut().ok_or(Error::InvalidConnection)
    }
}

fn with_open<R>(
    mut idle: Idle,
    work: impl FnOnce(&rusqlite::Connection) -> Result<R, Error>,
) -> Result<R, Error> {
    work(idle.connection()?)
}

/// Opens a database file with the settings that Spin's connections have; the busy timeout of 5 s
/// and enforced foreign keys are what the bundled SQLite already does.
pub(crate) fn open(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }))?;
    Ok(connection)
}

/// Whether the file is a database that can be read, or can be made.
pub(crate) fn probe(path: &Path) -> rusqlite::Result<()> {
    open(path)?.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn column_names(statement: &rusqlite::Statement<'_>) -> Vec<String> {
    statement.column_names().map(str::to_owned).collect()
}

fn run(
    statement: &mut rusqlite::Statement<'_>,
    parameters: Vec<Value>,
    mut each: impl FnMut(RowResult) -> Result<(), Error>,
) -> Result<(), Error> {
    let width = statement.column_count();
    let parameters = rusqlite::params_from_iter(parameters.into_iter().map(to_sql));
    let mut rows = statement.query(parameters).map_err(io)?;
    while let Some(row) = rows.next().map_err(io)? {
        each(read(row, width).map_err(io)?)?;
    }
    Ok(())
}

fn read(row: &rusqlite::Row<'_>, width: usize) -> rusqlite::Result<RowResult> {
    let values = (0..width).map(|column| row.get::<_, Column>(column).map(|column| column.0));
    Ok(RowResult {
        values: values.collect::<Result<_, _>>()?,
    })
}

struct Column(Value);

impl FromSql for Column {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => Value::Integer(integer),
            ValueRef::Real(real) => Value::Real(real),
            ValueRef::Text(text) => {
                Value::Text(String::from_utf8(text.to_vec()).map_err(FromSqlError::other)?)
            }
            ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
        }))
    }
}

fn to_sql(value: Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Integer(integer) => integer.into(),
        Value::Real(real) => real.into(),
        Value::Text(text) => text.into(),
        Value::Blob(blob) => blob.into(),
    }
}

fn size(row: &RowResult) -> usize {
    let bytes = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Integer(_) | Value::Real(_) | Value::Null => 0,
    };
    row.values
        .iter()
        .map(|value| size_of::<Value>() + bytes(value))
        .sum()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn io(error: rusqlite::Error) -> Error {
    Error::Io(error.to_string())
}

fn too_large() -> Error {
    Error::Io(format!(
        "query result exceeds limit of {MAX_RESULT_BYTES} bytes"
    ))
}

fn gone() -> Error {
    Error::Io("row send error".into())
}

#[cfg(test)]
mod tests;
