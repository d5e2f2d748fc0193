//! `postern init`: the keys and settings an application needs, as a `.env` beside its manifest.
//!
//! *Invariant:* what exists is replaced only with `--force`, and a file that describes a public
//! server never gets development sign-in.

mod configuration;
mod dotenv;
mod names;
mod plan;
mod providers;
mod report;
mod take_over;
#[cfg(test)]
mod tests;
mod values;

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::Init;
use crate::keys::{DEV_KEY, EnvFile, KeySet};
use crate::project::Project;
use crate::state::write_private;

const COMMENT: &str =
    "# Development keys, made by `postern init --dev`. Never use them in production.";

/// Writes the files, and returns what to print.
pub(crate) fn run(init: &Init, here: &Path) -> Result<String> {
    match (init.dev, &init.from, &init.url) {
        (true, ..) => development(init, here),
        (false, None, None) => bail!(
            "say what for: `postern init --dev` writes keys for this machine, `postern init --from \
             FILE` takes over the settings of another server, and `postern init --url \
             https://mcp.example.com` makes keys for a public one; `postern up` needs no setup at all"
        ),
        (false, ..) => take_over::run(init, here),
    }
}

fn development(init: &Init, here: &Path) -> Result<String> {
    let project = Project::find(init.manifest.as_deref(), here)?;
    let path = project.env_file();
    let file = existing(&path, init.force)?;
    development_is_possible(&project, &file)?;
    write_private(&path, &file.with_keys(COMMENT, &KeySet::random()?))?;
    Ok(format!(
        "Wrote development keys to {}; only you can read it.\n\
         `postern up` and `spin up` both use them.\n",
        path.display()
    ))
}

/// The `.env` as it is, if it may be changed.
fn existing(path: &Path, force: bool) -> Result<EnvFile> {
    let file = EnvFile::read(path)?;
    if file.is_some() && !force {
        bail!(
            "{} exists: --force replaces the keys in it, which ends every sign-in made with \
             them, and keeps its other lines",
            path.display()
        );
    }
    Ok(file.unwrap_or_default())
}

/// Refuses development sign-in where it has no place.
fn development_is_possible(project: &Project, file: &EnvFile) -> Result<()> {
    if !project.declares(DEV_KEY) {
        bail!(
            "{} declares no variable `{DEV_KEY}`, so this application has no development sign-in",
            project.manifest.display()
        );
    }
    if file.sets("public_url") {
        bail!(
            "{} sets SPIN_VARIABLE_PUBLIC_URL, and development sign-in must never be on at a \
             public address: remove that line first",
            project.env_file().display()
        );
    }
    Ok(())
}
