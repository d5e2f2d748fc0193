//! Credentials in SQLite.
//!
//! *Invariant:* one statement decides who may replace a credential, so two instances never both do.

use host::{Credential, Place, Unavailable, Vault};
use oauth::{Person, Timestamp};
use spin_sdk::sqlite::{RowResult, Value};

use crate::SpinHost;
use crate::audit::unavailable;
use crate::database::{self, integer};

impl Vault for SpinHost {
    async fn credential(&self, at: Place<'_>) -> Result<Option<Credential>, Unavailable> {
        let statement = "SELECT sealed, person, read_at, ended, generation FROM vault \
             WHERE subject = ? AND service = ?";
        let found = run(statement, place(at)).await?;
        let credential = |row| {
            credential(row).map_err(|column| {
                unavailable(
                    "vault",
                    &format_args!("the column `{column}` does not read"),
                )
            })
        };
        found.first().map(credential).transpose()
    }

    async fn lease_credential(
        &self,
        at: Place<'_>,
        generation: u64,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<bool, Unavailable> {
        let statement = "UPDATE vault SET leased_until = ? WHERE subject = ? AND service = ? \
             AND generation = ? AND ended = 0 AND leased_until <= ? RETURNING generation";
        let until = vec![integer(until.as_millis())];
        let condition = vec![integer(generation), integer(now.as_millis())];
        let leased = run(statement, [until, place(at), condition].concat()).await?;
        Ok(!leased.is_empty())
    }

    async fn replace_credential(
        &self,
        at: Place<'_>,
        new: &Credential,
    ) -> Result<bool, Unavailable> {
        let statement = "UPDATE vault SET sealed = ?, person = ?, read_at = ?, ended = ?, \
             generation = generation + 1, leased_until = 0 \
             WHERE subject = ? AND service = ? AND generation = ? RETURNING generation";
        let before = vec![integer(new.generation.saturating_sub(1))];
        let replaced = run(statement, [contents(new)?, place(at), before].concat()).await?;
        Ok(!replaced.is_empty())
    }

    async fn free_credential(&self, at: Place<'_>, generation: u64) -> Result<(), Unavailable> {
        let statement = "UPDATE vault SET leased_until = 0 \
             WHERE subject = ? AND service = ? AND generation = ?";
        let values = [place(at), vec![integer(generation)]].concat();
        run(statement, values).await.map(drop)
    }

    async fn note_person(
        &self,
        at: Place<'_>,
        person: &Person,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let ended = "DELETE FROM vault WHERE subject = ? AND service = ? AND ended = 1";
        run(ended, place(at)).await?;
        let statement =
            "UPDATE vault SET person = ?, read_at = ? WHERE subject = ? AND service = ?";
        let new = vec![json(person)?, integer(now.as_millis())];
        run(statement, [new, place(at)].concat()).await.map(drop)
    }
}

async fn run(statement: &str, values: Vec<Value>) -> Result<Vec<RowResult>, Unavailable> {
    database::run(statement, values).await
}

fn place(at: Place<'_>) -> Vec<Value> {
    vec![at.subject.as_str().into(), at.service.into()]
}

fn json(person: &Person) -> Result<Value, Unavailable> {
    let text = serde_json::to_string(person).map_err(|_| Unavailable)?;
    Ok(Value::Text(text))
}

fn contents(credential: &Credential) -> Result<Vec<Value>, Unavailable> {
    Ok(vec![
        credential.sealed.as_str().into(),
        json(&credential.person)?,
        integer(credential.read_at.as_millis()),
        integer(credential.ended.into()),
    ])
}

fn credential(row: &RowResult) -> Result<Credential, &'static str> {
    let text = |index, column| row.get::<&str>(index).ok_or(column);
    let number = |index, column| row.get::<u64>(index).ok_or(column);
    Ok(Credential {
        sealed: text(0, "sealed")?.to_owned(),
        person: serde_json::from_str(text(1, "person")?).map_err(|_| "person")?,
        read_at: Timestamp::from_millis(number(2, "read_at")?),
        ended: number(3, "ended")? != 0,
        generation: number(4, "generation")?,
    })
}
