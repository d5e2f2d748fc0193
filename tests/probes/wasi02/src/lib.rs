//! The same host, seen by a component of WASI 0.2: echo, variables, key-value, SQLite, chaining.
//!
//! *Invariant:* it uses only interfaces that Spin 3 has too.
#![cfg(target_family = "wasm")]

// The entry macro names the SDK by an absolute path.
extern crate spin_sdk_5 as spin_sdk;

use spin_sdk::{
    http::{Request, Response},
    key_value::Store,
    sqlite3::{Connection, Value},
    variables,
};

mod entry {
    #![expect(unsafe_code, reason = "the macro writes the exports of the component")]

    use spin_sdk::http::{Request, Response};

    #[spin_sdk::http_component]
    async fn serve(request: Request) -> Response {
        super::serve(request).await
    }
}

async fn serve(request: Request) -> Response {
    let argument = request
        .query()
        .split_once('=')
        .map(|(_, value)| value)
        .unwrap_or_default();
    let outcome = match request.path().rsplit('/').next().unwrap_or_default() {
        "echo" => Ok(echo(&request)),
        "variable" => variables::get(argument).map_err(|error| format!("{error:?}")),
        "key-value" => key_value(argument),
        "sql" => sql(argument),
        "fetch" => fetch(argument).await,
        action => Err(format!("no action named {action}")),
    };
    let (status, text) = match outcome {
        Ok(text) => (200, text),
        Err(text) => (400, text),
    };
    Response::builder()
        .status(status)
        .header("content-length", text.len().to_string())
        .body(text)
        .build()
}

fn echo(request: &Request) -> String {
    format!(
        "{} {}",
        request.method(),
        String::from_utf8_lossy(request.body())
    )
}

/// Writes the argument, reads it back and lists what is there.
fn key_value(argument: &str) -> Result<String, String> {
    let written = || {
        let store = Store::open_default()?;
        store.set("wasi02", argument.as_bytes())?;
        let read = store.get("wasi02")?.unwrap_or_default();
        let listed = store.get_keys()?.iter().any(|key| key == "wasi02");
        Ok(format!("{} {listed}", String::from_utf8_lossy(&read)))
    };
    written().map_err(|error: spin_sdk::key_value::Error| format!("{error:?}"))
}

/// Inserts the argument and reads it back.
fn sql(argument: &str) -> Result<String, String> {
    let written = || {
        let connection = Connection::open_default()?;
        connection.execute("CREATE TABLE IF NOT EXISTS wasi02 (text TEXT)", &[])?;
        let text = Value::Text(argument.to_owned());
        connection.execute("INSERT INTO wasi02 (text) VALUES (?)", &[text])?;
        let result =
            connection.execute("SELECT text FROM wasi02 ORDER BY rowid DESC LIMIT 1", &[])?;
        let row = result
            .rows
            .first()
            .and_then(|row| row.get::<&str>(0))
            .unwrap_or_default();
        Ok(format!("{} {row}", result.columns.join(",")))
    };
    written().map_err(|error: spin_sdk::sqlite3::Error| format!("{error:?}"))
}

async fn fetch(url: &str) -> Result<String, String> {
    let response: Response = spin_sdk::http::send(Request::get(url).build())
        .await
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "{} {}",
        response.status(),
        String::from_utf8_lossy(response.body())
    ))
}
