//! The grants table in SQLite.
//!
//! *Invariant:* each step is one statement that names the state it starts from; its rows, by
//! `RETURNING`, say whether this call took it.

use host::{Advanced, Beginning, Grants, Pended, Spent, Unavailable};
use oauth::approval::Approval;
use oauth::grant::{Grant, GrantId, Horizon};
use oauth::refresh::Uses;
use oauth::{Scopes, Timestamp};

use crate::SpinHost;
use crate::audit::unavailable;
use crate::database::{self, integer};
use crate::rows::{self, BESIDE, COLUMNS};
use crate::schema::PENDED_BEFORE;

impl Grants for SpinHost {
    async fn pend(&self, beginning: Beginning<'_>) -> Result<Pended, Unavailable> {
        let values = rows::beginning(beginning).ok_or(Unavailable)?;
        let marks = vec!["?"; values.len()].join(", ");
        let statement = format!("INSERT INTO beginnings ({COLUMNS}, {BESIDE}) VALUES ({marks})");
        match database::attempt(&statement, values).await? {
            Ok(_) => Ok(Pended::Now),
            Err(reason) if reason.contains(PENDED_BEFORE) => Ok(Pended::Before),
            Err(reason) => Err(unavailable("grants", &reason)),
        }
    }

    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, Unavailable> {
        let statement = format!("SELECT {COLUMNS} FROM grants WHERE id = ?");
        let found = database::run(&statement, vec![id.as_str().into()]).await?;
        found.first().map(rows::grant).transpose()
    }

    async fn remembered(
        &self,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<Vec<Scopes>, Unavailable> {
        let statement = "SELECT scopes FROM grants WHERE subject = ? AND client = ? \
             AND redirect = ? AND resource = ? AND state = 'live' AND expires_at > ?";
        let values = vec![
            approval.subject.as_str().into(),
            approval.client.as_str().into(),
            approval.redirect.as_str().into(),
            approval.resources.to_string().as_str().into(),
            integer(now.as_millis()),
        ];
        let rows = database::run(statement, values).await?;
        let scopes = rows.iter().filter_map(|row| row.get::<&str>(0));
        Ok(scopes.map(Scopes::known).collect())
    }

    async fn spend(&self, id: &GrantId, now: Timestamp) -> Result<Spent, Unavailable> {
        let statement = "UPDATE grants SET state = 'live', spent_at = ? WHERE id = ? AND state = 'pending' RETURNING id";
        let values = vec![integer(now.as_millis()), id.as_str().into()];
        let spent = database::run(statement, values).await?;
        Ok(if spent.is_empty() {
            Spent::Before
        } else {
            Spent::Now
        })
    }

    async fn advance(&self, id: &GrantId, from: u64, uses: &Uses) -> Result<Advanced, Unavailable> {
        let statement = "UPDATE grants SET generation = ?, uses = ? \
             WHERE id = ? AND state = 'live' AND generation = ? RETURNING id";
        let text = serde_json::to_string(uses).map_err(|_| Unavailable)?;
        let values = vec![
            integer(uses.latest()),
            text.into(),
            id.as_str().into(),
            integer(from),
        ];
        let advanced = database::run(statement, values).await?;
        Ok(if advanced.is_empty() {
            Advanced::Elsewhere
        } else {
            Advanced::Now
        })
    }

    async fn revoke(&self, id: &GrantId, now: Timestamp) -> Result<(), Unavailable> {
        let statement = "UPDATE grants SET state = 'revoked', revoked_at = ? WHERE id = ? AND state <> 'revoked'";
        let values = vec![integer(now.as_millis()), id.as_str().into()];
        database::run(statement, values).await.map(drop)
    }

    async fn sweep(&self, horizon: &Horizon, limit: u32) -> Result<Vec<GrantId>, Unavailable> {
        let over = async |condition: &str, before: Timestamp| {
            // Few rows by an index: the lock that writes take is held for a moment.
            let statement = format!(
                "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE {condition} LIMIT ?) \
                 RETURNING id"
            );
            let values = vec![integer(before.as_millis()), integer(limit.into())];
            database::run(&statement, values).await
        };
        over("state = 'pending' AND pended_at < ?", horizon.pended).await?;
        over("state = 'live' AND expires_at < ?", horizon.expired).await?;
        let revoked = over("state = 'revoked' AND revoked_at < ?", horizon.revoked).await?;
        let ids = revoked.iter().filter_map(|row| row.get::<&str>(0));
        Ok(ids.filter_map(GrantId::parse).collect())
    }
}
