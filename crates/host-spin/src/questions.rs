//! Calls that wait for answers, in SQLite.
//!
//! *Invariant:* a question is answered by the statement that finds it open, and a call is handed out
//! by the one that removes it, once no question of it is open.

use host::{Address, Asked, Heard, Questions, Unavailable};
use oauth::Timestamp;
use spin_sdk::sqlite::RowResult;

use crate::SpinHost;
use crate::audit::unavailable;
use crate::database::{self, Database, integer};
use crate::mailbox::of;

impl Questions for SpinHost {
    async fn ask(&self, asked: Asked<'_>) -> Result<(), Unavailable> {
        let deadline = integer(asked.deadline.as_millis());
        let database = Database::open().await?;
        let statement = "INSERT INTO asked_calls (id, call, deadline) VALUES (?, ?, ?)";
        let values = vec![asked.id.into(), asked.call.into(), deadline.clone()];
        database.run(statement, values).await?;
        let statement = "INSERT INTO questions (id, key, call, session, subject, deadline) \
             SELECT value ->> 0, value ->> 1, ?2, ?3, ?4, ?5 FROM json_each(?1)";
        let questions: serde_json::Value = asked
            .questions
            .iter()
            .map(|(id, key)| [id.as_str(), key.as_str()])
            .collect();
        let mut values = vec![questions.to_string().into(), asked.id.into()];
        values.extend(of(asked.of));
        values.push(deadline);
        database.run(statement, values).await?;
        database.release();
        Ok(())
    }

    async fn hear(
        &self,
        from: &Address,
        id: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<Heard, Unavailable> {
        let database = Database::open().await?;
        let statement = "UPDATE questions SET answer = ?4 WHERE id = ?3 AND session = ?1 \
             AND subject = ?2 AND answer IS NULL AND deadline > ?5 RETURNING call";
        let mut values = of(from);
        values.extend([id.into(), answer.into(), integer(now.as_millis())]);
        let answered = database.run(statement, values).await?;
        let heard = match answered.first() {
            Some(row) => rest(&database, &text(row, 0)?).await?,
            None => Heard::Unasked,
        };
        database.release();
        Ok(heard)
    }

    async fn note(
        &self,
        session: &Address,
        (name, text): (&str, &str),
        until: Timestamp,
    ) -> Result<(), Unavailable> {
        let statement = "INSERT INTO session_notes (session, name, note, until) \
             VALUES (?, ?, ?, ?) ON CONFLICT (session, name) DO UPDATE SET note = excluded.note";
        let values = vec![
            session.session.as_str().into(),
            name.into(),
            text.into(),
            integer(until.as_millis()),
        ];
        database::run(statement, values).await.map(drop)
    }

    async fn noted(&self, session: &Address) -> Result<Vec<(String, String)>, Unavailable> {
        let statement = "SELECT name, note FROM session_notes WHERE session = ?";
        let rows = database::run(statement, vec![session.session.as_str().into()]).await?;
        rows.iter().map(pair).collect()
    }
}

/// What becomes of a call of which a question was answered.
async fn rest(database: &Database, call: &str) -> Result<Heard, Unavailable> {
    let statement = "DELETE FROM asked_calls WHERE id = ?1 AND NOT EXISTS \
         (SELECT 1 FROM questions WHERE call = ?1 AND answer IS NULL) RETURNING call";
    let taken = database.run(statement, vec![call.into()]).await?;
    let Some(row) = taken.first() else {
        return Ok(Heard::More);
    };
    let statement = "DELETE FROM questions WHERE call = ? RETURNING key, answer";
    let answers = database.run(statement, vec![call.into()]).await?;
    let answers: Result<_, _> = answers.iter().map(pair).collect();
    Ok(Heard::All(text(row, 0)?, answers?))
}

fn pair(row: &RowResult) -> Result<(String, String), Unavailable> {
    Ok((text(row, 0)?, text(row, 1)?))
}

fn text(row: &RowResult, column: usize) -> Result<String, Unavailable> {
    let text = row.get::<&str>(column).map(str::to_owned);
    text.ok_or_else(|| unavailable("questions", &"a row does not read"))
}
