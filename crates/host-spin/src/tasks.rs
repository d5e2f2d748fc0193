//! Tasks in SQLite.
//!
//! *Invariant:* each step is one statement that names the version it starts from; its rows, by
//! `RETURNING`, say whether this call took it.

use host::{Begun, MOST_TASKS, Stepped, TaskRow, Tasks, Unavailable};
use oauth::Timestamp;
use spin_sdk::sqlite::{RowResult, Value};

use crate::SpinHost;
use crate::audit::unavailable;
use crate::database::{self, integer};

impl Tasks for SpinHost {
    async fn begin_task(&self, task: &TaskRow, now: Timestamp) -> Result<Begun, Unavailable> {
        let statement = "INSERT INTO tasks (id, owner, version, sealed, expires_at) \
             SELECT ?1, ?2, ?3, ?4, ?5 \
             WHERE (SELECT COUNT(*) FROM tasks WHERE owner = ?2 AND expires_at > ?6) < ?7 \
             RETURNING id";
        let values = vec![
            task.id.as_str().into(),
            task.owner.as_str().into(),
            integer(task.version),
            task.sealed.as_str().into(),
            integer(task.expires_at.as_millis()),
            integer(now.as_millis()),
            Value::Integer(i64::try_from(MOST_TASKS).unwrap_or(i64::MAX)),
        ];
        let begun = database::run(statement, values).await?;
        Ok(if begun.is_empty() {
            Begun::Full
        } else {
            Begun::Now
        })
    }

    async fn find_task(&self, id: &str) -> Result<Option<TaskRow>, Unavailable> {
        let statement = "SELECT id, owner, version, sealed, expires_at FROM tasks WHERE id = ?";
        let found = database::run(statement, vec![id.into()]).await?;
        let task = |row| {
            task(row).map_err(|column| {
                unavailable(
                    "tasks",
                    &format_args!("the column `{column}` does not read"),
                )
            })
        };
        found.first().map(task).transpose()
    }

    async fn step_task(&self, id: &str, from: u64, sealed: &str) -> Result<Stepped, Unavailable> {
        let statement = "UPDATE tasks SET version = version + 1, sealed = ? \
             WHERE id = ? AND version = ? RETURNING id";
        let values = vec![sealed.into(), id.into(), integer(from)];
        let stepped = database::run(statement, values).await?;
        Ok(if stepped.is_empty() {
            Stepped::Elsewhere
        } else {
            Stepped::Now
        })
    }

    async fn sweep_tasks(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let statement = "DELETE FROM tasks WHERE id IN \
             (SELECT id FROM tasks WHERE expires_at < ? LIMIT ?)";
        let values = vec![integer(over.as_millis()), integer(limit.into())];
        database::run(statement, values).await.map(drop)
    }
}

fn task(row: &RowResult) -> Result<TaskRow, &'static str> {
    let text = |index, column| row.get::<&str>(index).map(str::to_owned).ok_or(column);
    let number = |index, column| row.get::<u64>(index).ok_or(column);
    Ok(TaskRow {
        id: text(0, "id")?,
        owner: text(1, "owner")?,
        version: number(2, "version")?,
        sealed: text(3, "sealed")?,
        expires_at: Timestamp::from_millis(number(4, "expires_at")?),
    })
}
