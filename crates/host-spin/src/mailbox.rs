//! Mail in SQLite.
//!
//! *Invariant:* a message leaves its row by the statement that removes it, so it is handed out
//! once; while nothing waits, asking writes nothing.

use host::{Address, Collected, MOST_AT_ONCE, MOST_WAITING, Mail, Mailbox, Mailed, Unavailable};
use oauth::{Subject, Timestamp};
use spin_sdk::sqlite::{RowResult, Value};

use crate::SpinHost;
use crate::audit::unavailable;
use crate::database::{self, Database, integer};

impl Mailbox for SpinHost {
    async fn mail(&self, to: &Address, mail: Mail<'_>) -> Result<Mailed, Unavailable> {
        let statement = "INSERT INTO mail (session, subject, message, deadline, due, last, name, kept) \
             SELECT ?1, ?2, ?3, ?4, ?6, ?7, ?8, ?9 \
             WHERE NOT EXISTS (SELECT 1 FROM ended_sessions WHERE id = ?1) \
             AND (SELECT COALESCE(SUM(LENGTH(message)), 0) FROM mail WHERE session = ?1 AND handed = 0) < ?5 \
             RETURNING id";
        let values = vec![
            to.session.as_str().into(),
            to.subject.as_str().into(),
            mail.message.into(),
            integer(mail.deadline.as_millis()),
            number(MOST_WAITING),
            integer(mail.due.as_millis()),
            integer(mail.last.into()),
            mail.name.map_or(Value::Null, Into::into),
            integer(mail.kept.into()),
        ];
        let put = database::run(statement, values).await?;
        if !put.is_empty() {
            return Ok(Mailed::Waiting);
        }
        // A stream that was full a moment ago may have been read since.
        Ok(match self.accepts(to).await? {
            Mailed::Ended => Mailed::Ended,
            Mailed::Full | Mailed::Waiting => Mailed::Full,
        })
    }

    async fn withdraw(&self, address: &Address, name: &str) -> Result<(), Unavailable> {
        let statement = "DELETE FROM mail WHERE session = ? AND subject = ? AND name = ?";
        let mut values = of(address);
        values.push(name.into());
        database::run(statement, values).await.map(drop)
    }

    async fn take_up(
        &self,
        address: &Address,
        after: u64,
        now: Timestamp,
    ) -> Result<bool, Unavailable> {
        let statement = "UPDATE mail SET handed = handed AND id <= ?3 \
             WHERE session = ?1 AND subject = ?2 AND deadline > ?4 RETURNING last AND handed";
        let mut values = of(address);
        values.extend([integer(after), integer(now.as_millis())]);
        let left = database::run(statement, values).await?;
        let has_last = left.iter().any(|row| row.get::<u64>(0) == Some(1));
        Ok(!left.is_empty() && !has_last)
    }

    async fn waiting(&self, now: Timestamp) -> Result<Vec<Address>, Unavailable> {
        let statement = "SELECT DISTINCT session, subject FROM mail WHERE handed = 0 AND deadline > ?1 AND due <= ?1";
        let values = vec![integer(now.as_millis())];
        let rows = database::run(statement, values).await?;
        rows.iter().map(address).collect()
    }

    async fn collect(
        &self,
        addresses: &[Address],
        now: Timestamp,
    ) -> Result<Vec<Collected>, Unavailable> {
        let waiting = "id IN (SELECT id FROM \
             (SELECT id, SUM(LENGTH(message)) OVER (ORDER BY id) - LENGTH(message) AS older \
             FROM mail WHERE handed = 0 AND deadline > ?1 AND due <= ?1 AND (session, subject) IN \
             (SELECT value ->> 0, value ->> 1 FROM json_each(?2))) WHERE older < ?3)";
        let columns = "RETURNING session, subject, message, id, last";
        let pairs = addresses
            .iter()
            .map(|address| [address.session.as_str(), address.subject.as_str()]);
        let pairs: serde_json::Value = pairs.collect();
        let values = vec![
            integer(now.as_millis()),
            Value::Text(pairs.to_string()),
            number(MOST_AT_ONCE),
        ];
        let database = Database::open().await?;
        let taken_out = format!("DELETE FROM mail WHERE kept = 0 AND {waiting} {columns}");
        let mut rows = database.run(&taken_out, values.clone()).await?;
        let handed = format!("UPDATE mail SET handed = 1 WHERE kept = 1 AND {waiting} {columns}");
        rows.extend(database.run(&handed, values).await?);
        database.release();
        let mut mail: Vec<_> = rows.iter().map(taken).collect::<Result<_, _>>()?;
        // SQLite returns rows in whatever order it removes them.
        mail.sort_unstable_by_key(|(id, _)| *id);
        Ok(mail.into_iter().map(|(_, mail)| mail).collect())
    }

    async fn end(&self, address: &Address, until: Timestamp) -> Result<(), Unavailable> {
        let database = Database::open().await?;
        // The mark first: what is put after it is refused, and what was put before it is removed.
        let statement =
            "INSERT INTO ended_sessions (id, until) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
        let values = vec![address.session.as_str().into(), integer(until.as_millis())];
        database.run(statement, values).await?;
        let statement = "DELETE FROM mail WHERE session = ? AND subject = ?";
        database.run(statement, of(address)).await?;
        database.release();
        Ok(())
    }

    async fn accepts(&self, to: &Address) -> Result<Mailed, Unavailable> {
        let statement = "SELECT EXISTS (SELECT 1 FROM ended_sessions WHERE id = ?1), \
             (SELECT COALESCE(SUM(LENGTH(message)), 0) FROM mail WHERE session = ?1 AND handed = 0) < ?2";
        let values = vec![to.session.as_str().into(), number(MOST_WAITING)];
        let rows = database::run(statement, values).await?;
        let row = rows.first().ok_or_else(unreadable)?;
        Ok(match (row.get::<u64>(0), row.get::<u64>(1)) {
            (Some(0), Some(1)) => Mailed::Waiting,
            (Some(0), Some(0)) => Mailed::Full,
            (Some(_), Some(_)) => Mailed::Ended,
            _ => return Err(unreadable()),
        })
    }

    async fn sweep_mail(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let database = Database::open().await?;
        for statement in [
            "DELETE FROM mail WHERE id IN (SELECT id FROM mail WHERE deadline < ? LIMIT ?)",
            "DELETE FROM ended_sessions WHERE id IN \
             (SELECT id FROM ended_sessions WHERE until < ? LIMIT ?)",
            "DELETE FROM asked_calls WHERE id IN \
             (SELECT id FROM asked_calls WHERE deadline < ? LIMIT ?)",
            "DELETE FROM questions WHERE id IN \
             (SELECT id FROM questions WHERE deadline < ? LIMIT ?)",
            "DELETE FROM session_notes WHERE session IN \
             (SELECT session FROM session_notes WHERE until < ? LIMIT ?)",
        ] {
            let values = vec![integer(over.as_millis()), integer(limit.into())];
            database.run(statement, values).await?;
        }
        database.release();
        Ok(())
    }
}

fn number(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(crate) fn of(address: &Address) -> Vec<Value> {
    vec![
        address.session.as_str().into(),
        address.subject.as_str().into(),
    ]
}

fn taken(row: &RowResult) -> Result<(u64, Collected), Unavailable> {
    let message = row.get::<&str>(2).map(str::to_owned);
    let (id, message) = row.get::<u64>(3).zip(message).ok_or_else(unreadable)?;
    let collected = Collected {
        to: address(row)?,
        message,
        last: row.get::<u64>(4) == Some(1),
        number: id,
    };
    Ok((id, collected))
}

fn unreadable() -> Unavailable {
    unavailable("mail", &"a row does not read")
}

fn address(row: &RowResult) -> Result<Address, Unavailable> {
    let session = row.get::<&str>(0).map(str::to_owned);
    let subject = row.get::<&str>(1).map(str::to_owned);
    let subject = subject.and_then(|subject| Subject::try_from(subject).ok());
    session
        .zip(subject)
        .map(|(session, subject)| Address { session, subject })
        .ok_or_else(unreadable)
}
