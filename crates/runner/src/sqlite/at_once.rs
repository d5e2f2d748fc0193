//! A statement that is tried on the thread of its guest, where nobody else waits for that thread.
//!
//! To hand a statement to a thread that may block, and to be woken by it, costs more than what most
//! statements do.
//!
//! *Invariant:* what is given up has changed nothing, so that it can be run again elsewhere.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::ErrorCode;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    Error, Idle, MAX_RESULT_BYTES, ROWS_AHEAD, Rows, Value, column_names, io, read, size, to_sql,
};

/// Longer than a statement should take that finds its rows by a key.
const MOMENT: Duration = Duration::from_millis(2);

/// How many steps SQLite's machine takes until it is asked whether that moment is over.
const STEPS: i32 = 1_000;

/// SQLite's own patience with other writers.
const PATIENCE: Duration = Duration::from_secs(5);

/// All of a statement, unless it would have to wait, takes long, or belongs to a transaction, of
/// which giving up a part would end all.
pub(super) fn attempt(
    idle: &mut Idle,
    statement: &str,
    parameters: &[Value],
) -> Result<Option<Rows>, Error> {
    let connection = idle.connection()?;
    if !connection.is_autocommit() || !is_of_rows(statement) {
        return Ok(None);
    }
    hurry(connection).map_err(io)?;
    let done = run(connection, statement, parameters);
    take_time(connection).map_err(io)?;
    Ok(done)
}

/// Has a statement give up rather than wait, or take long.
fn hurry(connection: &mut rusqlite::Connection) -> rusqlite::Result<()> {
    let began = Instant::now();
    let commits = Arc::new(AtomicBool::new(false));
    let commit = commits.clone();
    // SQLite asks once more after a commit, and would then interrupt what cannot be undone.
    let is_long = move || !commits.load(Ordering::Relaxed) && began.elapsed() > MOMENT;
    connection.busy_timeout(Duration::ZERO)?;
    connection.progress_handler(STEPS, Some(is_long))?;
    connection.commit_hook(Some(move || {
        commit.store(true, Ordering::Relaxed);
        false
    }))
}

fn take_time(connection: &mut rusqlite::Connection) -> rusqlite::Result<()> {
    connection.commit_hook(None::<fn() -> bool>)?;
    connection.progress_handler(STEPS, None::<fn() -> bool>)?;
    connection.busy_timeout(PATIENCE)
}

/// Whether a statement reads or writes rows; others may see or set what is set below. What a
/// connection remembers of its last change is not undone with a statement, so those that ask for it
/// are not tried.
pub(super) fn is_of_rows(statement: &str) -> bool {
    let text = statement.to_ascii_lowercase();
    let first = text.split_ascii_whitespace().next();
    let is_known = matches!(first, Some("delete" | "insert" | "select" | "update"));
    is_known && !text.contains("changes") && !text.contains("last_insert_rowid")
}

fn run(connection: &rusqlite::Connection, statement: &str, parameters: &[Value]) -> Option<Rows> {
    let mut columns = Vec::new();
    let mut found = Vec::new();
    let outcome = connection
        .prepare_cached(statement)
        .and_then(|mut statement| {
            columns = column_names(&statement);
            let reads = statement.readonly();
            let values = parameters.iter().cloned().map(to_sql);
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                let row = read(row, columns.len())?;
                let too_large = size(&row) > MAX_RESULT_BYTES;
                // Rows that a guest does not take keep its connection busy: a statement with more
                // has to pause, which it cannot do here. One that writes has written all by now.
                if reads && (too_large || found.len() == ROWS_AHEAD) {
                    return Ok(None);
                }
                if too_large {
                    return Ok(Some(Err(super::too_large())));
                }
                found.push(row);
            }
            Ok(Some(Ok(())))
        });
    let outcome = match outcome {
        Ok(outcome) => outcome?,
        Err(error) if is_for_lack_of_time(&error) => return None,
        Err(error) => Err(io(error)),
    };
    let (sender, rows) = mpsc::channel(found.len().max(1));
    for row in found {
        // There is room for all, and the receiver is still here.
        let _ = sender.try_send(row);
    }
    let (ended, end) = oneshot::channel();
    let _ = ended.send(outcome);
    Some(Rows { columns, rows, end })
}

/// Whether a statement only had to wait for others, or took too long.
fn is_for_lack_of_time(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted)
    )
}
