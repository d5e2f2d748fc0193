//! `postern init`: the keys and settings an application needs, as a `.env` beside its manifest.
//!
//! *Invariant:* keys that exist are replaced only with `--force`, and never where the file
//! describes a public server.

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::Init;
use crate::keys::{DEV_KEY, EnvFile, KeySet};
use crate::project::Project;
use crate::state::write_private;

const COMMENT: &str =
    "# Development keys, made by `postern init --dev`. Never use them in production.";

/// Writes the file.
pub(crate) fn run(init: &Init, here: &Path) -> Result<()> {
    if !init.dev {
        bail!(
            "the setup of a public server is not part of this version: `postern init --dev` \
             writes keys for this machine, and `postern up` needs no setup at all"
        );
    }
    let project = Project::find(init.from.as_deref(), here)?;
    let path = project.env_file();
    if !project.declares(DEV_KEY) {
        bail!(
            "{} declares no variable `{DEV_KEY}`, so this application has no development sign-in",
            project.manifest.display()
        );
    }
    let file = EnvFile::read(&path)?;
    if file.is_some() && !init.force {
        bail!(
            "{} exists: --force replaces the keys in it, which ends every sign-in made with \
             them, and keeps its other lines",
            path.display()
        );
    }
    let file = file.unwrap_or_default();
    if file.sets("public_url") {
        bail!(
            "{} sets SPIN_VARIABLE_PUBLIC_URL, and development sign-in must never be on at a \
             public address: remove that line first",
            path.display()
        );
    }
    write_private(&path, &file.with_keys(COMMENT, &KeySet::random()?))?;
    println!(
        "Wrote development keys to {}; only you can read it.",
        path.display()
    );
    println!("`postern up` and `spin up` both use them.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn init(force: bool, folder: &Path) -> Result<()> {
        run(
            &Init {
                dev: true,
                force,
                from: None,
            },
            folder,
        )
    }

    fn project(variables: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("spin.toml"),
            format!("[variables]\n{variables}"),
        )
        .unwrap();
        folder
    }

    #[test]
    fn keys_are_written_once_and_replaced_only_by_force() {
        let folder = project("dev_key = {}");
        let read = || fs::read_to_string(folder.path().join(".env")).unwrap();
        init(false, folder.path()).unwrap();
        let first = read();
        let refused = init(false, folder.path()).unwrap_err().to_string();
        assert!(
            refused.contains(".env") && refused.contains("--force"),
            "{refused}"
        );
        assert_eq!(read(), first);
        init(true, folder.path()).unwrap();
        assert!(read() != first && read().lines().count() == first.lines().count());
    }

    #[test]
    fn a_public_server_never_gets_development_keys() {
        let folder = project("dev_key = {}");
        let env = "SPIN_VARIABLE_PUBLIC_URL=https://mcp.example\n";
        fs::write(folder.path().join(".env"), env).unwrap();
        assert!(
            init(true, folder.path())
                .unwrap_err()
                .to_string()
                .contains("PUBLIC_URL")
        );
        assert_eq!(fs::read_to_string(folder.path().join(".env")).unwrap(), env);
    }

    #[test]
    fn an_application_without_development_sign_in_gets_no_keys() {
        let folder = project("code_key = {}");
        assert!(
            init(false, folder.path())
                .unwrap_err()
                .to_string()
                .contains("dev_key")
        );
    }
}
