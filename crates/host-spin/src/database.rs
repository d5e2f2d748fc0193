//! SQLite: one statement at a time, always drained, and a schema that is up to date.
//!
//! *Invariant:* no statement's rows are left unread: undrained rows hold a lock that no other
//! connection ever gets past.

use std::sync::OnceLock;

use host::Unavailable;
use spin_sdk::sqlite::{Connection, RowResult, Value};

use crate::audit::unavailable;
use crate::schema;

const DATABASE: &str = "default";

/// A connection to the application's database.
pub(crate) struct Database(Connection);

impl Database {
    /// Opens the database; the first time in an instance, brings its schema up to date.
    pub(crate) async fn open() -> Result<Self, Unavailable> {
        static UP_TO_DATE: OnceLock<()> = OnceLock::new();
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

/// A number as a column's value; SQLite has no larger ones.
pub(crate) fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn failed(error: &spin_sdk::sqlite::Error) -> Unavailable {
    unavailable("database", error)
}
