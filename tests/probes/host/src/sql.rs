//! A script of SQL statements, given as JSON and run on one connection.
//!
//! *Invariant:* the error of `execute` and the error in `result()` are reported apart.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use spin_sdk::{
    http::{Error, Request, body::IncomingBodyExt},
    sqlite::{Connection, QueryResult, RowResult, Value},
};

use crate::answer::{self, Answer};

#[derive(Deserialize)]
struct Statement {
    sql: String,
    #[serde(default)]
    parameters: Vec<Json>,
    #[serde(default)]
    rows: Rows,
}

/// What the guest does with the rows before its next statement.
#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Rows {
    #[default]
    Read,
    Hold,
    Drop,
}

/// What one statement did.
#[derive(Default, Serialize)]
struct Outcome {
    /// The error that `execute` itself returned.
    execute: Option<String>,
    /// The error that only the future of the rows returned.
    result: Option<String>,
    columns: Vec<String>,
    rows: Vec<Vec<Json>>,
    changes: u64,
    last_insert_rowid: i64,
}

/// Runs the statements in the body on a connection of their own.
pub(crate) async fn run(request: Request) -> Answer {
    let database = answer::parameter(&request, "database").unwrap_or_else(|| "default".to_owned());
    let body = request.into_body().bytes().await?;
    let statements: Vec<Statement> =
        serde_json::from_slice(&body).map_err(|error| Error::other(error.to_string()))?;
    let connection = match Connection::open(database).await {
        Ok(connection) => connection,
        Err(error) => return answer::json(&[Outcome::refused(&error)]),
    };
    let mut held = Vec::new();
    let mut outcomes = Vec::new();
    for statement in statements {
        outcomes.push(execute(&connection, statement, &mut held).await);
    }
    answer::json(&outcomes)
}

async fn execute(
    connection: &Connection,
    statement: Statement,
    held: &mut Vec<QueryResult>,
) -> Outcome {
    let parameters: Vec<Value> = statement.parameters.iter().map(parameter).collect();
    let mut result = match connection.execute(&statement.sql, parameters).await {
        Ok(result) => result,
        Err(error) => return Outcome::refused(&error),
    };
    let mut outcome = Outcome {
        columns: result.columns().to_vec(),
        ..Outcome::default()
    };
    match statement.rows {
        Rows::Hold => {
            held.push(result);
            return outcome;
        }
        Rows::Drop => drop(result),
        Rows::Read => {
            while let Some(row) = result.next().await {
                outcome.rows.push(cells(&row));
            }
            outcome.result = result
                .result()
                .await
                .err()
                .map(|error| format!("{error:?}"));
        }
    }
    outcome.changes = connection.changes().await;
    outcome.last_insert_rowid = connection.last_insert_rowid().await;
    outcome
}

impl Outcome {
    fn refused(error: &spin_sdk::sqlite::Error) -> Self {
        Self {
            execute: Some(format!("{error:?}")),
            ..Self::default()
        }
    }
}

fn parameter(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Integer((*truth).into()),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Real(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.clone()),
        // An array of small numbers stands for a blob.
        Json::Array(_) | Json::Object(_) => {
            Value::Blob(serde_json::from_value(json.clone()).unwrap_or_default())
        }
    }
}

fn cells(row: &RowResult) -> Vec<Json> {
    row.values
        .iter()
        .map(|value| match value {
            Value::Integer(integer) => Json::from(*integer),
            Value::Real(real) => Json::from(*real),
            Value::Text(text) => Json::from(text.clone()),
            Value::Blob(bytes) => Json::from(bytes.clone()),
            Value::Null => Json::Null,
        })
        .collect()
}
