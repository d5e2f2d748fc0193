//! What counts once, as rows whose key is unique.

use host::{Admitted, Replays, Unavailable};
use oauth::Timestamp;

use crate::SpinHost;
use crate::database::{self, integer};

impl Replays for SpinHost {
    async fn admit(&self, id: &str, until: Timestamp) -> Result<Admitted, Unavailable> {
        let statement = "INSERT INTO replays (id, until) VALUES (?, ?) ON CONFLICT (id) DO NOTHING RETURNING id";
        let values = vec![id.into(), integer(until.as_millis())];
        let admitted = database::run(statement, values).await?;
        Ok(if admitted.is_empty() {
            Admitted::Before
        } else {
            Admitted::Now
        })
    }

    async fn forget(&self, before: Timestamp, limit: u32) -> Result<Vec<String>, Unavailable> {
        let statement = "DELETE FROM replays WHERE id IN \
             (SELECT id FROM replays WHERE until < ? LIMIT ?) RETURNING id";
        let values = vec![integer(before.as_millis()), integer(limit.into())];
        let gone = database::run(statement, values).await?;
        let ids = gone.iter().filter_map(|row| row.get::<&str>(0));
        Ok(ids.map(str::to_owned).collect())
    }
}
