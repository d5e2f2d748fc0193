//! The `files` of a component: copied once at load, shown read-only as `/`.
//!
//! *Invariant:* nothing outside the application's folder is ever copied.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use tempfile::TempDir;

use crate::manifest::{Mount, Placement};

/// Copies what `mounts` name, from the application's folder, into a folder of its own.
pub(crate) fn gather(
    root: &Path,
    state_dir: &Path,
    mounts: &[Mount],
) -> Result<Option<TempDir>, String> {
    if mounts.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new()
        .prefix("files-")
        .tempdir_in(state_dir)
        .map_err(|error| {
            format!(
                "files cannot be copied into {}: {error}",
                state_dir.display()
            )
        })?;
    for mount in mounts {
        match mount {
            Mount::Pattern(pattern) => copy_pattern(root, folder.path(), pattern)?,
            Mount::Placement(placement) => place(root, folder.path(), placement)?,
        }
    }
    Ok(Some(folder))
}

fn copy_pattern(root: &Path, folder: &Path, pattern: &str) -> Result<(), String> {
    let relative = inside(pattern)?;
    let named = root.join(&relative);
    if named.exists() {
        return copy(&named, &folder.join(relative))
            .map_err(|error| format!("files {pattern:?}: {error}"));
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(format!("files: {} does not exist", named.display()));
    }
    // The folder's own name is no pattern, whatever characters it has.
    let absolute = format!(
        "{}/{pattern}",
        glob::Pattern::escape(&root.to_string_lossy())
    );
    let found = glob::glob(&absolute).map_err(|error| format!("files {pattern:?}: {error}"))?;
    for path in found.filter_map(Result::ok).filter(|path| path.is_file()) {
        let relative = path.strip_prefix(root).map_err(|_| outside(pattern))?;
        copy(&path, &folder.join(relative))
            .map_err(|error| format!("files {}: {error}", path.display()))?;
    }
    Ok(())
}

fn place(root: &Path, folder: &Path, placement: &Placement) -> Result<(), String> {
    let source = root.join(inside(&placement.source)?);
    let mut destination = folder.join(inside(placement.destination.trim_start_matches('/'))?);
    if source.is_file()
        && (placement.destination.ends_with('/') || placement.destination.is_empty())
    {
        destination.extend(source.file_name());
    }
    copy(&source, &destination).map_err(|error| format!("files {}: {error}", source.display()))
}

/// A path that stays inside the folder it is joined to.
fn inside(path: &str) -> Result<PathBuf, String> {
    let down = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    let path = Path::new(path);
    if path.components().all(|part| down(&part)) {
        Ok(path.to_owned())
    } else {
        Err(outside(&path.to_string_lossy()))
    }
}

fn outside(path: &str) -> String {
    format!("files: {path:?} leads outside of the application's folder")
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::copy(from, to).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application() -> TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for path in [
            "postern.toml",
            "pages/a.html",
            "pages/b.css",
            "pages/deep/c.html",
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, "x").expect("a file");
        }
        root
    }

    fn gathered(mounts: &str) -> Result<Vec<String>, String> {
        #[derive(serde::Deserialize)]
        struct Mounts {
            files: Vec<Mount>,
        }
        let root = application();
        let Mounts { files } = toml::from_str(&format!("files = {mounts}")).expect(mounts);
        let folder = gather(root.path(), root.path(), &files)?.expect("a folder");
        let all = format!("{}/**/*", folder.path().display());
        let files = glob::glob(&all)
            .expect("a pattern")
            .filter_map(Result::ok)
            .filter(|path| path.is_file());
        let relative = |path: PathBuf| {
            path.strip_prefix(folder.path())
                .expect("inside")
                .to_string_lossy()
                .into_owned()
        };
        Ok(files.map(relative).collect())
    }

    #[test]
    fn files_appear_under_the_names_they_are_given() {
        for (mounts, expected) in [
            (r#"["postern.toml"]"#, &["postern.toml"][..]),
            (r#"["pages/*.html"]"#, &["pages/a.html"]),
            (
                r#"["pages/**/*.html"]"#,
                &["pages/a.html", "pages/deep/c.html"],
            ),
            (r#"["pages/deep"]"#, &["pages/deep/c.html"]),
            (
                r#"[{ source = "pages/deep", destination = "/d" }]"#,
                &["d/c.html"],
            ),
            (
                r#"[{ source = "postern.toml", destination = "/etc/p.toml" }]"#,
                &["etc/p.toml"],
            ),
            (
                r#"[{ source = "postern.toml", destination = "/" }]"#,
                &["postern.toml"],
            ),
            (r#"["nothing-*"]"#, &[]),
        ] {
            assert_eq!(gathered(mounts).expect(mounts), expected, "{mounts}");
        }
    }

    #[test]
    fn what_is_missing_or_outside_is_refused() {
        for (mounts, reason) in [
            (r#"["gone.toml"]"#, "does not exist"),
            (r#"["../x"]"#, "outside"),
            (r#"["/etc/passwd"]"#, "outside"),
            (r#"["pages/../../*"]"#, "outside"),
            (r#"[{ source = "..", destination = "/" }]"#, "outside"),
            (
                r#"[{ source = "pages", destination = "/../x" }]"#,
                "outside",
            ),
            (r#"[{ source = "gone", destination = "/x" }]"#, "gone"),
            (r#"["pages/[*"]"#, "pattern"),
        ] {
            let refused = gathered(mounts).expect_err(mounts);
            assert!(refused.contains(reason), "{mounts}: {refused}");
        }
    }
}
