//! One run of `cargo build` for every component, with its progress.
//!
//! *Invariant:* the child's environment is what a shell would give it: `cargo run` must not
//! make a second `cargo run` build anything again.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Artifact, DependencyKind, Message, Metadata, MetadataCommand, PackageId};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::plan::{Plan, TARGET};
use crate::progress::Progress;

/// Builds all packages of `plan` in one invocation, so that they share their dependencies.
pub(super) async fn build(root: &Path, plan: &Plan) -> Result<()> {
    let progress = Progress::start("Building the components");
    if progress.is_bar()
        && let Some(steps) = count(root, plan).await
    {
        progress.expect(steps);
    }
    let mut cargo = command(root);
    cargo.args(["build", "--quiet", "--release", "--target", TARGET]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.args(["--color", if progress.is_bar() { "always" } else { "auto" }]);
    cargo.arg("--target-dir").arg(&plan.target_dir);
    for package in plan.packages() {
        cargo.args(["-p", package]);
    }
    let child = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.context("cannot run cargo: install Rust from https://rustup.rs")?;
    if !follow(child, plan, &progress).await?.success() {
        bail!(
            "the components do not build: cargo's messages are above. Mend what they name, or \
             serve the components as they were last built with --skip-build"
        );
    }
    Ok(())
}

/// Hands cargo's diagnostics on and moves the bar, until cargo ends.
async fn follow(mut child: Child, plan: &Plan, progress: &Progress) -> Result<ExitStatus> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut done = BTreeSet::new();
    let artifacts = each_line(stdout, |line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) {
            if let Some(package) = newly_built(&artifact, plan)
                && !progress.is_bar()
            {
                progress.line(&format!("  built {package}"));
            }
            let name = artifact.target.name.clone();
            done.insert(artifact.package_id);
            progress.step(done.len(), &name);
        }
    });
    let diagnostics = each_line(stderr, |line| progress.line(line));
    let (artifacts, diagnostics) = tokio::join!(artifacts, diagnostics);
    artifacts
        .and(diagnostics)
        .context("cannot read what cargo says")?;
    child.wait().await.context("cannot wait for cargo")
}

/// The component that this artifact is, unless cargo found it up to date.
fn newly_built<'a>(artifact: &Artifact, plan: &'a Plan) -> Option<&'a str> {
    let is = |wasm: &Path| {
        artifact
            .filenames
            .iter()
            .any(|made| made.file_name() == name(wasm))
    };
    let output = plan.outputs.iter().find(|output| is(&output.wasm))?;
    (!artifact.fresh).then_some(&output.package)
}

fn name(wasm: &Path) -> Option<&str> {
    wasm.file_name()?.to_str()
}

async fn each_line(
    stream: Option<impl AsyncRead + Unpin>,
    mut each: impl FnMut(&str),
) -> std::io::Result<()> {
    let Some(stream) = stream else { return Ok(()) };
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await? {
        each(&line);
    }
    Ok(())
}

/// How many packages go into the build; `None` where cargo cannot tell, which the build itself
/// will explain better.
async fn count(root: &Path, plan: &Plan) -> Option<usize> {
    let mut cargo = command(root);
    cargo.args([
        "metadata",
        "--format-version",
        "1",
        "--filter-platform",
        TARGET,
    ]);
    let output = cargo.stderr(Stdio::null()).output().await.ok()?;
    let metadata = MetadataCommand::parse(String::from_utf8(output.stdout).ok()?).ok()?;
    Some(closure(&metadata, plan))
}

fn closure(metadata: &Metadata, plan: &Plan) -> usize {
    let packages: BTreeSet<&str> = plan.packages().collect();
    let members = metadata.workspace_packages();
    let mut waiting: Vec<&PackageId> = members
        .iter()
        .filter(|package| packages.contains(package.name.as_str()))
        .map(|package| &package.id)
        .collect();
    let mut seen = BTreeSet::new();
    let nodes = metadata
        .resolve
        .as_ref()
        .map_or(&[][..], |resolve| &resolve.nodes);
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node.id == *id);
        let dependencies = node.iter().flat_map(|node| &node.deps);
        let built = |kinds: &[cargo_metadata::DepKindInfo]| {
            kinds
                .iter()
                .any(|kind| kind.kind != DependencyKind::Development)
        };
        waiting.extend(dependencies.filter(|d| built(&d.dep_kinds)).map(|d| &d.pkg));
    }
    seen.len()
}

/// Cargo in the project's folder, without what a parent cargo left in the environment.
fn command(root: &Path) -> Command {
    // A parent cargo names itself, which is the toolchain that the person chose.
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(program);
    cargo
        .current_dir(root)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_a_parent(name)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Whether a variable describes the build of someone else: the package that a parent cargo ran
/// (The Cargo Book, "Environment variables Cargo sets"), or flags meant for native code.
fn is_of_a_parent(name: &OsString) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let package = [
        "CARGO_PKG_",
        "CARGO_BIN_",
        "CARGO_MANIFEST_",
        "CARGO_CFG_",
        "CARGO_FEATURE_",
    ];
    package.iter().any(|prefix| name.starts_with(prefix))
        || matches!(
            name,
            "CARGO"
                | "CARGO_BUILD_TARGET"
                | "CARGO_CRATE_NAME"
                | "CARGO_ENCODED_RUSTFLAGS"
                | "CARGO_MAKEFLAGS"
                | "CARGO_PRIMARY_PACKAGE"
                | "CARGO_TARGET_DIR"
                | "CARGO_TARGET_TMPDIR"
                | "OUT_DIR"
                | "RUSTFLAGS"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parent_cargo_sets_is_removed_and_what_a_person_sets_is_kept() {
        for name in [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_PKG_VERSION_MAJOR",
            "RUSTFLAGS",
        ] {
            assert!(is_of_a_parent(&name.into()), "{name}");
        }
        for name in [
            "PATH",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "RUSTUP_TOOLCHAIN",
            "CARGO_BUILD_JOBS",
        ] {
            assert!(!is_of_a_parent(&name.into()), "{name}");
        }
    }
}
