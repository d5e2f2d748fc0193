//! Browser sessions in SQLite.
//!
//! *Invariant:* a session is written once and removed; its row never changes.

use host::{Sessions, Unavailable};
use oauth::session::{Session, SessionId};
use oauth::{Source, Timestamp};
use serde_json::{from_value, json};
use spin_sdk::sqlite::RowResult;

use crate::SpinHost;
use crate::audit::unavailable;
use crate::database::{self, integer};

impl Sessions for SpinHost {
    async fn find_session(&self, id: &SessionId) -> Result<Option<Session>, Unavailable> {
        let statement = "SELECT id, issuer, source, person, authenticated_at, expires_at \
             FROM sessions WHERE id = ?";
        let values = vec![id.as_str().into()];
        let found = database::run(statement, values).await?;
        let session = |row| {
            session(row).map_err(|column| {
                unavailable(
                    "sessions",
                    &format_args!("the column `{column}` does not read"),
                )
            })
        };
        found.first().map(session).transpose()
    }

    async fn end_session(&self, id: &SessionId) -> Result<(), Unavailable> {
        let statement = "DELETE FROM sessions WHERE id = ?";
        let values = vec![id.as_str().into()];
        database::run(statement, values).await.map(drop)
    }

    async fn sweep_sessions(&self, expired: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let statement = "DELETE FROM sessions WHERE id IN \
             (SELECT id FROM sessions WHERE expires_at < ? LIMIT ?)";
        let values = vec![integer(expired.as_millis()), integer(limit.into())];
        database::run(statement, values).await.map(drop)
    }
}

fn session(row: &RowResult) -> Result<Session, &'static str> {
    let text = |index, column| row.get::<&str>(index).ok_or(column);
    let moment = |index, column| {
        row.get::<u64>(index)
            .map(Timestamp::from_millis)
            .ok_or(column)
    };
    Ok(Session {
        id: SessionId::parse(text(0, "id")?).ok_or("id")?,
        issuer: from_value(json!(text(1, "issuer")?)).map_err(|_| "issuer")?,
        source: Source::parse(text(2, "source")?).map_err(|_| "source")?,
        person: serde_json::from_str(text(3, "person")?).map_err(|_| "person")?,
        authenticated_at: moment(4, "authenticated_at")?,
        expires_at: moment(5, "expires_at")?,
    })
}
