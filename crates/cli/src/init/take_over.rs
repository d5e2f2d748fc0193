//! `postern init --from FILE`: another server's settings become this one's.
//!
//! *Invariant:* nothing is written before everything is decided, and the file that was read stays
//! as it is.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::configuration::SHIPPED;
use super::dotenv::{Settings, quoted};
use super::plan::Plan;
use super::{development_is_possible, existing, report};
use crate::args::Init;
use crate::keys::{DEV_KEY, EnvFile, KeySet, env_name};
use crate::project::Project;
use crate::state::{read_if_present, write_private, write_readable};

const SETTINGS: &str = "# Settings that `postern init` took over, and who this server is.";
const KEYS: &str = "# Keys, made by `postern init`. Whoever has them can make every token.";
const CONFIGURATION: &str = "postern.toml";

/// What becomes of `postern.toml`.
pub(super) enum Configuration {
    /// It says everything already.
    Enough,
    /// It is written anew.
    Written,
    /// Somebody changed it: this is for them to add.
    Theirs(String),
}

/// Writes the files, and returns what to print.
pub(super) fn run(init: &Init, here: &Path) -> Result<String> {
    let project = Project::find(init.manifest.as_deref(), here)?;
    let path = project.env_file();
    let old = existing(&path, init.force)?;
    let settings = read(init.from.as_deref(), here)?;
    let mut plan = Plan::of(&settings, init.url.as_deref())?;
    if plan.public_url.is_none() {
        development_is_possible(&project, &old)?;
    }
    undeclared(&project, &mut plan);
    let text = env_file(&old, &plan)?;
    let configuration = project.root.join(CONFIGURATION);
    let told = match configuration_text(&configuration, &plan, init.force)? {
        (told, Some(text)) => {
            write_readable(&configuration, &text)?;
            told
        }
        (told, None) => told,
    };
    write_private(&path, &text)?;
    Ok(report::text(&plan, &path, &told))
}

fn read(from: Option<&Path>, here: &Path) -> Result<Settings> {
    let Some(from) = from else {
        return Ok(Settings::default());
    };
    let (name, text) = if from == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.context("standard input cannot be read as text")?;
        ("standard input".to_owned(), text)
    } else {
        let path = here.join(from);
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| {
            format!(
                "cannot read {}: --from names the .env or .dev.vars of the other server, and \
                 --manifest names spin.toml",
                path.display()
            )
        })?;
        (from.display().to_string(), text)
    };
    Settings::read(&text).with_context(|| format!("cannot use {name}"))
}

/// A variable that the manifest does not declare reaches no component.
fn undeclared(project: &Project, plan: &mut Plan) {
    let names = plan.variables.keys().filter(|name| !project.declares(name));
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if !names.is_empty() {
        plan.left.push(format!(
            "{} does not declare {}: without that they have no effect.",
            project.manifest.display(),
            names.join(", ")
        ));
    }
}

/// The old `.env` with the settings and keys of the plan in place of any it had.
fn env_file(old: &EnvFile, plan: &Plan) -> Result<String> {
    let keys = match &plan.master {
        Some(master) => KeySet::from_master(master),
        None => KeySet::random()?,
    };
    let keys: Vec<(String, String)> = keys
        .iter()
        .filter(|(variable, _)| plan.public_url.is_none() || *variable != DEV_KEY)
        .map(|(variable, key)| (env_name(variable), key.to_owned()))
        .collect();
    let address = plan.public_url.iter().map(|url| ("public_url", url));
    let variables = plan.variables.iter().map(|(name, value)| (*name, value));
    let settings = address
        .chain(variables)
        .map(|(name, value)| (env_name(name), quoted(value)));
    let kept = plan
        .kept
        .iter()
        .map(|(name, value)| (name.clone(), quoted(value)));
    let settings: Vec<_> = settings.chain(kept).collect();
    let never = [env_name(DEV_KEY), env_name("public_url")];
    let names: BTreeSet<&str> = settings
        .iter()
        .chain(&keys)
        .map(|(name, _)| name)
        .chain(&never)
        .map(String::as_str)
        .collect();
    let file = old.without(names.into_iter());
    let text = file.with(SETTINGS, &settings).with(KEYS, &keys);
    Ok(text.text().to_owned())
}

fn configuration_text(
    path: &Path,
    plan: &Plan,
    force: bool,
) -> Result<(Configuration, Option<String>)> {
    let there = read_if_present(path)?;
    let is_theirs = there.as_deref().is_some_and(|text| text != SHIPPED);
    let text = there.as_deref().unwrap_or(SHIPPED);
    let with = plan.additions.to(text);
    if is_theirs && !force {
        return Ok(match with {
            Ok(None) => (Configuration::Enough, None),
            Ok(Some(_)) | Err(_) => (Configuration::Theirs(plan.additions.to_show()), None),
        });
    }
    Ok(match (with?, there.is_none()) {
        (Some(with), _) => (Configuration::Written, Some(with)),
        (None, true) => (Configuration::Written, Some(text.to_owned())),
        (None, false) => (Configuration::Enough, None),
    })
}
