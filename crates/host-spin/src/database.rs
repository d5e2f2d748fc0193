//! SQLite: one statement at a time, always drained, and a schema that is up to date.
//!
//! *Invariant:* no statement's rows are left unread: undrained rows hold a lock that no other
//! connection ever gets past.

use std::sync::{Mutex, OnceLock, PoisonError};

use host::Unavailable;
use spin_sdk::sqlite::{Connection, RowResult, Value};

use crate::audit::unavailable;
use crate::schema;

const DATABASE: &str = "default";

/// Connections that wait for the next request. Each opening costs the host a file and a reading of
/// the schema, and each new connection compiles every statement anew.
static IDLE: Mutex<Vec<Connection>> = Mutex::new(Vec::new());
/// More are closed: an instance seldom has more requests at the database at once.
const MOST_IDLE: usize = 4;

/// A connection to the application's database, used by one request at a time.
pub(crate) struct Database(Connection);

impl Database {
    /// Opens the database; the first time in an instance, brings its schema up to date.
    pub(crate) async fn open() -> Result<Self, Unavailable> {
        static UP_TO_DATE: OnceLock<()> = OnceLock::new();
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(Self(connection));
        }
        let database = Self(
            Connection::open(DATABASE)
                .await
                .map_err(|error| failed(&error))?,
        );
        if UP_TO_DATE.get().is_none() {
            schema::migrate(&database).await?;
            UP_TO_DATE.get_or_init(|| ());
        }
        Ok(database)
    }

    /// Lets another request have the connection. One on which anything went wrong, or whose request
    /// went away, is never let go so: it is closed, with whatever it still held.
    pub(crate) fn release(self) {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(self.0);
        }
    }

    /// Runs one statement and reads all its rows.
    ///
    /// A statement that does not even parse looks like success until its result is awaited.
    pub(crate) async fn run(
        &self,
        statement: &str,
        values: Vec<Value>,
    ) -> Result<Vec<RowResult>, Unavailable> {
        let result = self
            .0
            .execute(statement, values)
            .await
            .map_err(|error| failed(&error))?;
        result.collect().await.map_err(|error| failed(&error))
    }
}

/// Runs one statement on a connection that is idle, or a new one, and reads all its rows.
pub(crate) async fn run(
    statement: &str,
    values: Vec<Value>,
) -> Result<Vec<RowResult>, Unavailable> {
    let database = Database::open().await?;
    let rows = database.run(statement, values).await?;
    database.release();
    Ok(rows)
}

/// A number as a column's value; SQLite has no larger ones.
pub(crate) fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn failed(error: &spin_sdk::sqlite::Error) -> Unavailable {
    unavailable("database", error)
}
