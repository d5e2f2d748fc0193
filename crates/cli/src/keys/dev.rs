//! The development keys in the state folder.
//!
//! *Invariant:* processes that start at once on one folder end up with the same keys, and keys
//! that exist are kept.

use anyhow::{Context as _, Result};

use super::{EnvFile, KeySet};
use crate::state::{StateFolder, lock_file, write_private};

/// The name of the file in the state folder.
pub(super) const FILE: &str = "dev.env";
const COMMENT: &str =
    "# Keys that `postern up` made for this machine. Delete this file to start over with new ones.";

/// The keys of this folder, and whether any were made just now.
pub(crate) fn load_or_create(state: &StateFolder) -> Result<(KeySet, bool)> {
    let path = state.path().join(FILE);
    let read = || -> Result<(EnvFile, KeySet)> {
        let file = EnvFile::read(&path)?.unwrap_or_default();
        let keys = KeySet::among(&file.variables);
        Ok((file, keys))
    };
    let (_, keys) = read()?;
    if keys.is_complete() {
        return Ok((keys, false));
    }
    // Someone else may be making them: whoever gets the lock second finds them there. A file
    // written by a version with fewer purposes gets the new ones and keeps its own.
    let _lock = state.lock()?;
    // A rotation holds the file alone.
    let _file = path.exists().then(|| lock_file(&path)).transpose()?;
    let (file, mut keys) = read()?;
    let made = keys.fill_from(KeySet::random()?);
    if made {
        write_private(&path, &file.with_keys(COMMENT, &keys))
            .context("the development keys cannot be stored")?;
    }
    Ok((keys, made))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn folder() -> (tempfile::TempDir, StateFolder) {
        let above = tempfile::tempdir().unwrap();
        let state = StateFolder::open(above.path().join("state")).unwrap();
        (above, state)
    }

    #[test]
    fn starts_at_the_same_moment_agree_on_one_set_of_keys() {
        for _ in 0..20 {
            let (_above, state) = folder();
            let barrier = std::sync::Barrier::new(8);
            let results: Vec<(KeySet, bool)> = std::thread::scope(|scope| {
                let start = || {
                    barrier.wait();
                    load_or_create(&state).unwrap()
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert!(results.iter().all(|(keys, _)| *keys == results[0].0));
            assert_eq!(results.iter().filter(|(_, made)| *made).count(), 1);
        }
    }

    #[test]
    fn keys_are_private_and_survive_a_restart() {
        let (_above, state) = folder();
        let (first, made) = load_or_create(&state).unwrap();
        assert!(made && first.is_complete());
        let mode = std::fs::metadata(state.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(load_or_create(&state).unwrap(), (first, false));
    }

    #[test]
    fn a_file_from_before_a_purpose_existed_is_completed() {
        let (_above, state) = folder();
        let (first, _) = load_or_create(&state).unwrap();
        let path = state.path().join(FILE);
        let old: String = std::fs::read_to_string(&path)
            .unwrap()
            .lines()
            .filter(|line| !line.contains("CODE_KEY"))
            .map(|line| format!("{line}\n"))
            .collect();
        std::fs::write(&path, old).unwrap();
        let (second, made) = load_or_create(&state).unwrap();
        assert!(made && second.is_complete());
        let changed: Vec<_> = first
            .iter()
            .zip(second.iter())
            .filter(|(a, b)| a != b)
            .map(|(a, _)| a.0)
            .collect();
        assert_eq!(changed, ["code_key"]);
    }
}
