//! The state folder: made on the first start, private to its owner, unknown to git.
//!
//! *Invariant:* nothing is served from a folder that cannot be written.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::{Builder, NamedTempFile};

/// A folder that exists and takes files.
#[derive(Debug)]
pub(crate) struct StateFolder(PathBuf);

impl StateFolder {
    /// Opens `path`, and creates it with mode 0700 if nobody has yet.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        prepare(&path).with_context(|| {
            format!(
                "the state folder {} cannot be written: make it writable, or name another with \
                 --state-dir DIR",
                path.display()
            )
        })?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Waits until no other process holds the folder's lock, and holds it until dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.0.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        file.and_then(|file| file.lock().map(|()| file))
            .with_context(|| format!("cannot lock {}", path.display()))
    }
}

fn prepare(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // Creating a file is the only test that holds for read-only mounts and for root alike.
    tempfile::tempfile_in(path)?;
    match File::create_new(path.join(".gitignore")) {
        Ok(mut ignore) => ignore.write_all(b"*\n"),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Waits until nobody else changes the file at `path`, and holds it until dropped.
///
/// The file is its own lock, since it may lie anywhere; [`write_private`] puts another in its
/// place, so what was locked must still be what the path names.
pub(crate) fn lock_file(path: &Path) -> Result<File> {
    let lock = || -> io::Result<File> {
        loop {
            let file = File::options().read(true).write(true).open(path)?;
            file.lock()?;
            let (held, there) = (file.metadata()?, fs::metadata(path)?);
            if (held.dev(), held.ino()) == (there.dev(), there.ino()) {
                return Ok(file);
            }
        }
    };
    lock().with_context(|| format!("cannot lock {}", path.display()))
}

/// Puts `text` at `path` whole or not at all, readable by its owner alone.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    write_whole(path, text, 0o600)
}

/// Puts `text` at `path` whole or not at all, readable by everybody.
pub(crate) fn write_readable(path: &Path, text: &str) -> Result<()> {
    write_whole(path, text, 0o644)
}

fn write_whole(path: &Path, text: &str, mode: u32) -> Result<()> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let permissions = Permissions::from_mode(mode);
        let mut file: NamedTempFile = Builder::new()
            .prefix(".postern-")
            .permissions(permissions)
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        // Root may edit the file of the user who serves, and must not take it from them.
        if let Ok(old) = fs::metadata(path)
            && old.uid() != file.as_file().metadata()?.uid()
        {
            fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// The text of a file, or `None` where there is none.
pub(crate) fn read_if_present(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_folder_is_private_and_ignored_by_git() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("a/.postern");
        let state = StateFolder::open(path.clone()).unwrap();
        assert_eq!(mode(&path), 0o700);
        assert_eq!(fs::read_to_string(path.join(".gitignore")).unwrap(), "*\n");
        let names: Vec<_> = fs::read_dir(state.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(
            names,
            [".gitignore"],
            "the write test leaves nothing behind"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_refused_with_the_fix() {
        let above = tempfile::tempdir().unwrap();
        fs::write(above.path().join("file"), "").unwrap();
        let refused = StateFolder::open(above.path().join("file/state"))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("file/state") && refused.contains("--state-dir"),
            "{refused}"
        );
    }

    #[test]
    fn a_private_file_replaces_the_old_one_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "old").unwrap();
        write_private(&path, "new").unwrap();
        assert_eq!(
            (fs::read_to_string(&path).unwrap().as_str(), mode(&path)),
            ("new", 0o600)
        );
    }

    #[test]
    fn a_file_that_is_replaced_under_a_lock_loses_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "").unwrap();
        let append = || {
            for _ in 0..10 {
                let _lock = lock_file(&path).unwrap();
                let text = fs::read_to_string(&path).unwrap();
                write_private(&path, &(text + "x")).unwrap();
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(append);
            }
        });
        assert_eq!(fs::read_to_string(&path).unwrap().len(), 40);
    }

    #[test]
    fn a_file_keeps_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "old").unwrap();
        // Only root may give files away, and only root can take one by replacing it.
        if std::os::unix::fs::chown(&path, Some(65_534), Some(65_534)).is_ok() {
            write_private(&path, "new").unwrap();
            let owner = fs::metadata(&path).unwrap();
            assert_eq!((owner.uid(), owner.gid()), (65_534, 65_534));
        }
    }
}
