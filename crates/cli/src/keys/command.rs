//! `postern keys …`: finds the file, holds it, takes one step, and says what comes next.
//!
//! *Invariant:* the file is written once or not at all, and nothing is printed from it but the
//! ids of keys.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jose::Kid;

use super::keyring::Keyring;
use super::{EnvFile, KeySet, dev, report};
use crate::args::keys::{
    Add, Distrust, KeyFile, Keys, KeysCommand, Promote, Retire, Rotate, RotateStep,
};
use crate::project::Project;
use crate::state::{lock_file, write_private};

/// Runs the command and returns what to print.
pub(crate) fn run(keys: &Keys, here: &Path, now: Timestamp) -> Result<String> {
    match &keys.command {
        KeysCommand::Show(file) => {
            let path = find(file, here)?;
            report::show(&path, &read(&path)?, now)
        }
        KeysCommand::Rotate(Rotate { step }) => match step {
            RotateStep::Add(step) => add(step, here, now),
            RotateStep::Promote(step) => promote(step, here, now),
            RotateStep::Retire(step) => retire(step, here, now),
        },
        KeysCommand::Distrust(step) => distrust(step, here, now),
    }
}

fn add(step: &Add, here: &Path, now: Timestamp) -> Result<String> {
    let fresh = KeySet::random()?;
    change(&step.file, here, |path, keys| {
        let added = keys.add(&step.purposes.named, &fresh, now)?;
        Ok(report::added(path, &added))
    })
}

fn promote(step: &Promote, here: &Path, now: Timestamp) -> Result<String> {
    change(&step.file, here, |path, keys| {
        let promoted = keys.promote(&step.purposes.named, now)?;
        report::promoted(path, keys, &promoted)
    })
}

fn retire(step: &Retire, here: &Path, now: Timestamp) -> Result<String> {
    change(&step.file, here, |path, keys| {
        let retired = keys.retire(&step.purposes.named, now, step.now)?;
        if retired.dropped.is_empty() && !retired.kept.is_empty() {
            bail!("{}", report::too_early(&retired));
        }
        Ok(report::retired(path, &retired))
    })
}

fn distrust(step: &Distrust, here: &Path, now: Timestamp) -> Result<String> {
    let kid = Kid::parse(&step.kid).context(
        "KID is the id of a key, the part before the `:`, as `postern keys show` lists it",
    )?;
    let fresh = KeySet::random()?;
    change(&step.file, here, |path, keys| {
        let distrusted = keys.distrust(&kid, &fresh, now)?;
        Ok(report::distrusted(path, &kid, &distrusted))
    })
}

/// Takes a step on the keys of a file, and writes it if that changed anything.
fn change(
    file: &KeyFile,
    here: &Path,
    step: impl FnOnce(&Path, &mut Keyring) -> Result<String>,
) -> Result<String> {
    let path = find(file, here)?;
    let _lock = lock_file(&path)?;
    let mut keys = read(&path)?;
    let before = keys.values();
    let taken = step(&path, &mut keys);
    let report = taken.with_context(|| format!("{} is as it was", path.display()))?;
    if keys.values() != before {
        let text = keys.text();
        let text = text.with_context(|| format!("{} is as it was", path.display()))?;
        write_private(&path, &text)?;
    }
    Ok(report)
}

fn read(path: &Path) -> Result<Keyring> {
    let file = EnvFile::read(path)?.with_context(|| format!("{} is gone", path.display()))?;
    let keys = Keyring::read(file).with_context(|| format!("cannot use {}", path.display()))?;
    if keys.held.is_empty() {
        bail!("{} holds no key", path.display());
    }
    Ok(keys)
}

/// The file whose keys are meant, without links: the file that it is gets replaced, not the link.
fn find(file: &KeyFile, here: &Path) -> Result<PathBuf> {
    let path = match &file.env_file {
        Some(path) => here.join(path),
        None => beside_the_manifest(file, here)?,
    };
    path.canonicalize()
        .with_context(|| format!("cannot read {}", path.display()))
}

fn beside_the_manifest(file: &KeyFile, here: &Path) -> Result<PathBuf> {
    let project = Project::find(file.manifest.as_deref(), here)?;
    let env = project.env_file();
    let holds_keys = EnvFile::read(&env)?.map(Keyring::read).transpose();
    let holds_keys = holds_keys.with_context(|| format!("cannot use {}", env.display()))?;
    if holds_keys.is_some_and(|keys| !keys.held.is_empty()) {
        return Ok(env);
    }
    let state = file.state_dir.as_ref();
    let state = state.map_or_else(|| project.root.join(".postern"), |dir| here.join(dir));
    let development = state.join(dev::FILE);
    if !development.exists() {
        bail!(
            "neither {} nor {} holds keys: name the file that does with --env-file PATH, or make \
             keys for this machine with `postern up` or `postern init --dev`",
            env.display(),
            development.display()
        );
    }
    Ok(development)
}
