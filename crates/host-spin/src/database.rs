//! SQLite: one statement at a time, always drained, and a schema that is up to date.
//!
//! *Invariant:* no statement's rows are left unread: undrained rows hold a lock that no other
//! connection ever gets past.

use std::sync::OnceLock;

use host::Unavailable;
use spin_sdk::sqlite::{Connection, RowResult, Value};

use crate::audit::unavailable;
use crate::schema;
use crate::turns::{Turn, Turns};

const DATABASE: &str = "default";

/// An instance has one connection, at which its requests take turns: writers wait for each other in
/// any case, here for a moment and in the database by sleeping. It stays open, since each opening
/// costs the host a file and a reading of the schema, and compiles every statement anew.
static TURNS: Turns<Connection> = Turns::new();

/// The connection to the application's database, in the turn of one request. Who has it must not
/// ask for another.
pub(crate) struct Database {
    connection: Connection,
    turn: Turn<Connection>,
}

impl Database {
    /// Opens the database; the first time in an instance, brings its schema up to date.
    pub(crate) async fn open() -> Result<Self, Unavailable> {
        static UP_TO_DATE: OnceLock<()> = OnceLock::new();
        let (turn, kept) = TURNS.wait().await;
        if let Some(connection) = kept {
            return Ok(Self { connection, turn });
        }
        let connection = Connection::open(DATABASE).await;
        let connection = connection.map_err(|error| failed(&error))?;
        let database = Self { connection, turn };
        if UP_TO_DATE.get().is_none() {
            schema::migrate(&database).await?;
            UP_TO_DATE.get_or_init(|| ());
        }
        Ok(database)
    }

    /// Lets the next request have the connection. One on which anything went wrong, or whose
    /// request went away, is never let go so: it is closed, with whatever it still held.
    pub(crate) fn release(self) {
        self.turn.keep(self.connection);
    }

    /// Runs one statement and reads all its rows.
    ///
    /// A statement that does not even parse looks like success until its result is awaited.
    pub(crate) async fn run(
        &self,
        statement: &str,
        values: Vec<Value>,
    ) -> Result<Vec<RowResult>, Unavailable> {
        let outcome = self.attempt(statement, values).await;
        outcome.map_err(|error| failed(&error))
    }

    /// The same, with what it was refused for.
    pub(crate) async fn attempt(
        &self,
        statement: &str,
        values: Vec<Value>,
    ) -> Result<Vec<RowResult>, spin_sdk::sqlite::Error> {
        let result = self.connection.execute(statement, values).await?;
        result.collect().await
    }
}

/// Runs one statement in a turn of its own and reads all its rows.
pub(crate) async fn run(
    statement: &str,
    values: Vec<Value>,
) -> Result<Vec<RowResult>, Unavailable> {
    let database = Database::open().await?;
    let rows = database.run(statement, values).await?;
    database.release();
    Ok(rows)
}

/// Runs one statement in a turn of its own, and tells what it was refused for.
pub(crate) async fn attempt(
    statement: &str,
    values: Vec<Value>,
) -> Result<Result<Vec<RowResult>, String>, Unavailable> {
    let database = Database::open().await?;
    let outcome = database.attempt(statement, values).await;
    if outcome.is_ok() {
        database.release();
    }
    Ok(outcome.map_err(|error| error.to_string()))
}

/// A number as a column's value; SQLite has no larger ones.
pub(crate) fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn failed(error: &spin_sdk::sqlite::Error) -> Unavailable {
    unavailable("database", error)
}
