//! Building: makes the WebAssembly files that the manifest names as new as their sources.
//!
//! *Invariant:* cargo decides what to compile; here it is only decided whether to ask.

mod cargo;
mod freshness;
mod plan;
mod target;

use anyhow::{Context as _, Result, bail};

use crate::project::Project;
use plan::Plan;

/// Builds what is older than its sources; with `skip`, only looks whether every file is there.
pub(crate) async fn ensure(project: &Project, skip: bool) -> Result<()> {
    let plan = Plan::new(project)?;
    if let Some(missing) = plan.prebuilt.iter().find(|module| !module.wasm.is_file()) {
        let how = missing
            .command
            .as_ref()
            .map_or(String::new(), |c| format!(": make it with `{c}`"));
        bail!("{} does not exist{how}", missing.wasm.display());
    }
    if skip {
        if let Some(output) = plan.outputs.iter().find(|output| !output.wasm.is_file()) {
            bail!(
                "{} does not exist: start without --skip-build",
                output.wasm.display()
            );
        }
        return Ok(());
    }
    if plan
        .outputs
        .iter()
        .all(|output| freshness::is_fresh(&output.wasm, &project.root))
    {
        return Ok(());
    }
    target::ensure(&project.root).await?;
    let folder = plan.release_folder();
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let started = freshness::now(&folder)?;
    cargo::build(&project.root, &plan).await?;
    for output in &plan.outputs {
        freshness::stamp(&output.wasm, &project.root, started)?;
    }
    Ok(())
}
