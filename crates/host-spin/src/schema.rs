//! The schema, as a list of statements that only grows.
//!
//! *Invariant:* statement N is version N + 1; whoever holds the write lock runs what is missing,
//! and two instances that start together run each statement once.

use host::Unavailable;
use spin_sdk::sqlite::RowResult;

use crate::database::Database;

/// What a second grant of one transaction is refused with, by the trigger below.
pub(crate) const PENDED_BEFORE: &str = "pended before";

/// One statement each: Spin runs the first of several and ignores the rest without a word.
const STATEMENTS: [&str; 32] = [
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
    // Nothing looked for it.
    "DROP INDEX grants_by_subject",
    // What one sign-in leaves behind is one statement, and all of it or nothing.
    "CREATE VIEW beginnings AS SELECT *, NULL AS service, NULL AS sealed, NULL AS session,
        NULL AS source, NULL AS authenticated_at, NULL AS session_expires_at FROM grants",
    "CREATE TRIGGER beginning INSTEAD OF INSERT ON beginnings BEGIN
        SELECT RAISE(ABORT, 'pended before') FROM grants WHERE transaction_id = NEW.transaction_id;
        INSERT INTO grants (id, transaction_id, state, issuer, subject, person, client, client_name,
            redirect, scopes, resource, challenge, secret, generation, uses, pended_at, spent_at,
            expires_at)
            VALUES (NEW.id, NEW.transaction_id, NEW.state, NEW.issuer, NEW.subject, NEW.person,
            NEW.client, NEW.client_name, NEW.redirect, NEW.scopes, NEW.resource, NEW.challenge,
            NEW.secret, NEW.generation, NEW.uses, NEW.pended_at, NEW.spent_at, NEW.expires_at);
        INSERT INTO vault (subject, service, sealed, person, read_at, ended, generation, leased_until)
            SELECT NEW.subject, NEW.service, NEW.sealed, NEW.person, NEW.pended_at, 0, 0, 0
            WHERE NEW.sealed IS NOT NULL
            ON CONFLICT (subject, service) DO UPDATE SET sealed = excluded.sealed,
            person = excluded.person, read_at = excluded.read_at, ended = 0,
            generation = vault.generation + 1, leased_until = 0;
        INSERT INTO sessions (id, issuer, subject, source, person, authenticated_at, expires_at)
            SELECT NEW.session, NEW.issuer, NEW.subject, NEW.source, NEW.person,
            NEW.authenticated_at, NEW.session_expires_at WHERE NEW.session IS NOT NULL;
    END",
    // Mail that waited a minute at most begins anew: it is numbered so that no number comes twice.
    "DROP TABLE mail",
    "CREATE TABLE mail (
        id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        session TEXT NOT NULL,
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        due INTEGER NOT NULL,
        deadline INTEGER NOT NULL,
        last INTEGER NOT NULL,
        name TEXT,
        kept INTEGER NOT NULL,
        handed INTEGER NOT NULL DEFAULT 0
    ) STRICT",
    "CREATE INDEX mail_by_session ON mail (session)",
    "CREATE INDEX mail_late ON mail (deadline)",
    // Calls that wait until their client has answered, and what it was asked.
    "CREATE TABLE asked_calls (
        id TEXT PRIMARY KEY NOT NULL,
        call TEXT NOT NULL,
        deadline INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE questions (
        id TEXT PRIMARY KEY NOT NULL,
        key TEXT NOT NULL,
        call TEXT NOT NULL,
        session TEXT NOT NULL,
        subject TEXT NOT NULL,
        answer TEXT,
        deadline INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX questions_by_call ON questions (call)",
    "CREATE INDEX asked_calls_late ON asked_calls (deadline)",
    "CREATE INDEX questions_late ON questions (deadline)",
    // What a session said that its handle does not say.
    "CREATE TABLE session_notes (
        session TEXT NOT NULL,
        name TEXT NOT NULL,
        note TEXT NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (session, name)
    ) STRICT, WITHOUT ROWID",
    // Calls that go on after their answer, sealed by their servers.
    "CREATE TABLE tasks (
        id TEXT PRIMARY KEY NOT NULL,
        owner TEXT NOT NULL,
        version INTEGER NOT NULL,
        sealed TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX tasks_by_owner ON tasks (owner, expires_at)",
    "CREATE INDEX tasks_over ON tasks (expires_at)",
];

const VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_version";

/// Brings the schema up to date. Mostly it is, and every new instance asks.
pub(crate) async fn migrate(database: &Database) -> Result<(), Unavailable> {
    if let Ok(rows) = database.attempt(VERSION, Vec::new()).await
        && read(&rows)? >= STATEMENTS.len()
    {
        return Ok(());
    }
    database
        .run(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT",
            Vec::new(),
        )
        .await?;
    keep_a_log(database).await;
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

/// Lets a file be written by way of a log: a commit is then one synchronisation with the disk
/// instead of four, and whoever reads waits for nobody who writes. The file stays so.
///
/// A database that is no file (libSQL) keeps a log of its own and may refuse; and while another
/// connection reads, the file stays as it is. Both work.
async fn keep_a_log(database: &Database) {
    drop(database.run("PRAGMA journal_mode = wal", Vec::new()).await);
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
    read(&database.run(VERSION, Vec::new()).await?)
}

fn read(rows: &[RowResult]) -> Result<usize, Unavailable> {
    rows.first()
        .and_then(|row| row.get::<usize>(0))
        .ok_or(Unavailable)
}
