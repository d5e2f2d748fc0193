//! Key-value stores: every label is a set of rows in one SQLite file.
//!
//! *Invariant:* two processes may share the file, and no call blocks the async runtime.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension};

use crate::sqlite::MAX_RESULT_BYTES;

/// One file with the stores of any number of labels.
#[derive(Debug)]
pub(crate) struct KeyValueFile {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// A store that a guest has opened.
#[derive(Debug, Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct OpenStore {
    file: Arc<KeyValueFile>,
    label: Arc<str>,
}

impl KeyValueFile {
    /// Opens the file, which is made when it does not exist.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        // The table is the one Spin makes, so that either host can go on with the other's file.
        connection.execute(
            "CREATE TABLE IF NOT EXISTS spin_key_value (
                store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
                PRIMARY KEY (store, key)
            )",
            [],
        )?;
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
        })
    }
}

impl OpenStore {
    pub(crate) fn new(file: Arc<KeyValueFile>, label: &str) -> Self {
        Self {
            file,
            label: label.into(),
        }
    }

    pub(crate) async fn get(&self, key: String) -> Result<Option<Vec<u8>>, String> {
        let value = self
            .run(move |connection, label| {
                connection
                    .prepare_cached(
                        "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2",
                    )?
                    .query_row([label, &key], |row| row.get::<_, Vec<u8>>(0))
                    .optional()
            })
            .await?;
        if value
            .as_ref()
            .is_some_and(|value| value.len() > MAX_RESULT_BYTES)
        {
            return Err(format!(
                "query result exceeds limit of {MAX_RESULT_BYTES} bytes"
            ));
        }
        Ok(value)
    }

    pub(crate) async fn set(&self, key: String, value: Vec<u8>) -> Result<(), String> {
        self.run(move |connection, label| {
            connection
                .prepare_cached(
                    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (store, key) DO UPDATE SET value = ?3",
                )?
                .execute((label, &key, value))
                .map(drop)
        })
        .await
    }

    pub(crate) async fn delete(&self, key: String) -> Result<(), String> {
        self.run(move |connection, label| {
            connection
                .prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .execute([label, &key])
                .map(drop)
        })
        .await
    }

    pub(crate) async fn exists(&self, key: String) -> Result<bool, String> {
        self.run(move |connection, label| {
            connection
                .prepare_cached("SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .exists([label, &key])
        })
        .await
    }

    pub(crate) async fn keys(&self) -> Result<Vec<String>, String> {
        self.run(move |connection, label| {
            connection
                .prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1")?
                .query_map([label], |row| row.get(0))?
                .collect()
        })
        .await
    }

    async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &str) -> rusqlite::Result<R> + Send + 'static,
    ) -> Result<R, String> {
        let Self { file, label } = self.clone();
        let blocking = move || {
            let connection = file
                .connection
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            work(&connection, &label).map_err(|error| {
                tracing::warn!(file = %file.path.display(), %error, "key-value store");
                error.to_string()
            })
        };
        tokio::task::spawn_blocking(blocking)
            .await
            .map_err(|error| error.to_string())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn labels_of_one_file_do_not_see_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Arc::new(KeyValueFile::open(&folder.path().join("kv.db")).expect("a file"));
        let [one, other] = ["one", "other"].map(|label| OpenStore::new(file.clone(), label));
        one.set("k".into(), b"1".to_vec()).await.expect("a write");
        one.set("k".into(), b"2".to_vec()).await.expect("a write");
        assert_eq!(one.get("k".into()).await, Ok(Some(b"2".to_vec())));
        assert_eq!(one.keys().await, Ok(vec!["k".to_owned()]));
        assert_eq!(other.get("k".into()).await, Ok(None));
        assert_eq!(other.exists("k".into()).await, Ok(false));
        one.delete("k".into()).await.expect("a delete");
        one.delete("k".into())
            .await
            .expect("deleting nothing is no error");
        assert_eq!(one.exists("k".into()).await, Ok(false));
    }

    #[tokio::test]
    async fn two_openings_of_one_file_share_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kv.db");
        let [one, two] = [0, 1].map(|_| Arc::new(KeyValueFile::open(&path).expect("a file")));
        let [one, two] = [one, two].map(|file| OpenStore::new(file, "default"));
        let writes = (0..20).map(|i| {
            let store = if i % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(async move { store.set(format!("k{i}"), vec![i]).await })
        });
        for write in writes.collect::<Vec<_>>() {
            assert_eq!(write.await.expect("a task"), Ok(()));
        }
        assert_eq!(one.keys().await.expect("keys").len(), 20);
    }
}
