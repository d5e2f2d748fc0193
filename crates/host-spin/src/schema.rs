//! The schema, as a list of statements that only grows.
//!
//! *Invariant:* statement N is version N + 1; whoever holds the write lock runs what is missing,
//! and two instances that start together run each statement once.

use host::Unavailable;

use crate::database::Database;

/// One statement each: Spin runs the first of several and ignores the rest without a word.
const STATEMENTS: [&str; 16] = [
    "CREATE TABLE grants (
        id TEXT PRIMARY KEY NOT NULL,
        transaction_id TEXT UNIQUE NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'revoked')),
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        person TEXT NOT NULL,
        client TEXT NOT NULL,
        client_name TEXT,
        redirect TEXT NOT NULL,
        scopes TEXT NOT NULL,
        resource TEXT NOT NULL,
        challenge TEXT NOT NULL,
        secret BLOB NOT NULL,
        generation INTEGER NOT NULL,
        uses TEXT NOT NULL,
        pended_at INTEGER NOT NULL,
        spent_at INTEGER,
        revoked_at INTEGER,
        expires_at INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX grants_by_subject ON grants (subject)",
    // What the sweep looks for.
    "CREATE INDEX grants_pending ON grants (pended_at) WHERE state = 'pending'",
    "CREATE INDEX grants_live ON grants (expires_at) WHERE state = 'live'",
    "CREATE INDEX grants_revoked ON grants (revoked_at) WHERE state = 'revoked'",
    "CREATE TABLE replays (id TEXT PRIMARY KEY NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX replays_until ON replays (until)",
    // What an earlier approval is looked for by.
    "CREATE INDEX grants_by_approval ON grants (subject, client, redirect) WHERE state = 'live'",
    "CREATE TABLE sessions (
        id TEXT PRIMARY KEY NOT NULL,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        source TEXT NOT NULL,
        person TEXT NOT NULL,
        authenticated_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX sessions_expired ON sessions (expires_at)",
    // What services gave for people, sealed.
    "CREATE TABLE vault (
        subject TEXT NOT NULL,
        service TEXT NOT NULL,
        sealed TEXT NOT NULL,
        person TEXT NOT NULL,
        read_at INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        leased_until INTEGER NOT NULL,
        PRIMARY KEY (subject, service)
    ) STRICT, WITHOUT ROWID",
    // In the order of its ids, mail is in the order in which it was put.
    "CREATE TABLE mail (
        id INTEGER PRIMARY KEY NOT NULL,
        session TEXT NOT NULL,
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        deadline INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX mail_by_session ON mail (session)",
    "CREATE INDEX mail_late ON mail (deadline)",
    "CREATE TABLE ended_sessions (id TEXT PRIMARY KEY NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX ended_sessions_over ON ended_sessions (until)",
];

/// Brings the schema up to date.
pub(crate) async fn migrate(database: &Database) -> Result<(), Unavailable> {
    database
        .run(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT",
            Vec::new(),
        )
        .await?;
    if version(database).await? >= STATEMENTS.len() {
        return Ok(());
    }
    database.run("BEGIN IMMEDIATE", Vec::new()).await?;
    let migrated = missing(database).await;
    let end = if migrated.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    database.run(end, Vec::new()).await?;
    migrated
}

/// Runs what is missing, now that nobody else can.
async fn missing(database: &Database) -> Result<(), Unavailable> {
    let done = version(database).await?;
    for (index, statement) in STATEMENTS.iter().enumerate().skip(done) {
        database.run(statement, Vec::new()).await?;
        let version = i64::try_from(index + 1).unwrap_or(i64::MAX);
        database
            .run(
                "INSERT INTO schema_version (version) VALUES (?)",
                vec![version.into()],
            )
            .await?;
    }
    Ok(())
}

async fn version(database: &Database) -> Result<usize, Unavailable> {
    let rows = database
        .run(
            "SELECT COALESCE(MAX(version), 0) FROM schema_version",
            Vec::new(),
        )
        .await?;
    rows.first()
        .and_then(|row| row.get::<usize>(0))
        .ok_or(Unavailable)
}
