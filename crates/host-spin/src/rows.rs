//! A grant as a row, and a row as a grant.
//!
//! *Invariant:* a row that does not read is reported by its column and never half used.

use host::{Beginning, Unavailable};
use jose::Secret;
use oauth::grant::{Grant, GrantId, GrantState};
use oauth::{ClientHash, Resources, Timestamp, TransactionId};
use serde_json::{from_value, json};
use spin_sdk::sqlite::{RowResult, Value};

use crate::audit::unavailable;
use crate::database::integer;

/// The columns, in the order that both directions use.
pub(crate) const COLUMNS: &str = "id, transaction_id, state, issuer, subject, person, client, client_name, \
     redirect, scopes, resource, challenge, secret, generation, uses, pended_at, spent_at, expires_at";

/// What the view `beginnings` has beside a grant.
pub(crate) const BESIDE: &str =
    "service, sealed, session, source, authenticated_at, session_expires_at";

/// The values of a new row of `beginnings`.
pub(crate) fn beginning(beginning: Beginning<'_>) -> Option<Vec<Value>> {
    let Beginning {
        grant,
        credential,
        session,
    } = beginning;
    let (service, sealed) = credential.map_or((Value::Null, Value::Null), |(service, sealed)| {
        (service.into(), sealed.into())
    });
    let session = session.map_or([const { Value::Null }; 4], |session| {
        [
            session.id.as_str().into(),
            session.source.as_str().into(),
            integer(session.authenticated_at.as_millis()),
            integer(session.expires_at.as_millis()),
        ]
    });
    let mut values = values(grant)?;
    values.extend([service, sealed]);
    values.extend(session);
    Some(values)
}

/// The values of a new grant's row.
fn values(grant: &Grant) -> Option<Vec<Value>> {
    let text = |value: &str| Value::Text(value.to_owned());
    let millis =
        |moment: Timestamp| Value::Integer(i64::try_from(moment.as_millis()).unwrap_or(i64::MAX));
    let (state, spent_at) = match grant.state {
        GrantState::Pending => ("pending", Value::Null),
        GrantState::Live { spent_at } => ("live", millis(spent_at)),
        GrantState::Revoked => ("revoked", Value::Null),
    };
    Some(vec![
        text(grant.id.as_str()),
        text(grant.transaction.as_str()),
        text(state),
        text(grant.issuer.as_str()),
        text(grant.person.subject.as_str()),
        Value::Text(serde_json::to_string(&grant.person).ok()?),
        text(grant.client.as_str()),
        grant.client_name.as_deref().map_or(Value::Null, text),
        text(&grant.redirect),
        Value::Text(grant.scopes.to_string()),
        Value::Text(grant.resources.to_string()),
        text(grant.challenge.as_str()),
        Value::Blob(grant.secret.expose().to_vec()),
        Value::Integer(i64::try_from(grant.uses.latest()).ok()?),
        Value::Text(serde_json::to_string(&grant.uses).ok()?),
        millis(grant.pended_at),
        spent_at,
        millis(grant.expires_at),
    ])
}

/// The grant of a row read by [`COLUMNS`].
pub(crate) fn grant(row: &RowResult) -> Result<Grant, Unavailable> {
    read(row).map_err(|column| {
        unavailable(
            "grants",
            &format_args!("the column `{column}` does not read"),
        )
    })
}

fn read(row: &RowResult) -> Result<Grant, &'static str> {
    let text = |index, column| row.get::<&str>(index).ok_or(column);
    let moment = |index, column| {
        row.get::<u64>(index)
            .map(Timestamp::from_millis)
            .ok_or(column)
    };
    let secret: [u8; 32] = row
        .get::<&[u8]>(12)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or("secret")?;
    let state = match text(2, "state")? {
        "pending" => GrantState::Pending,
        "live" => GrantState::Live {
            spent_at: moment(16, "spent_at")?,
        },
        "revoked" => GrantState::Revoked,
        _ => return Err("state"),
    };
    Ok(Grant {
        id: GrantId::parse(text(0, "id")?).ok_or("id")?,
        transaction: TransactionId::parse(text(1, "transaction_id")?).ok_or("transaction_id")?,
        state,
        issuer: from_value(json!(text(3, "issuer")?)).map_err(|_| "issuer")?,
        person: serde_json::from_str(text(5, "person")?).map_err(|_| "person")?,
        client: ClientHash::stored(text(6, "client")?.to_owned()),
        client_name: row.get::<&str>(7).map(str::to_owned),
        redirect: text(8, "redirect")?.to_owned(),
        scopes: oauth::Scopes::known(text(9, "scopes")?),
        resources: Resources::stored(text(10, "resource")?).ok_or("resource")?,
        challenge: from_value(json!(text(11, "challenge")?)).map_err(|_| "challenge")?,
        secret: Secret::new(secret),
        uses: serde_json::from_str(text(14, "uses")?).map_err(|_| "uses")?,
        pended_at: moment(15, "pended_at")?,
        expires_at: moment(17, "expires_at")?,
    })
}
