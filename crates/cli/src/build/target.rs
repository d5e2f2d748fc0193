//! The standard library for `wasm32-wasip2`, which a Rust installation may lack.
//!
//! *Invariant:* it adds to the toolchain that the project uses, and changes nothing else.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use super::plan::TARGET;

/// Installs the target where it is missing. A toolchain file alone does not: rustup reads its
/// `targets` only when it installs the toolchain.
pub(super) async fn ensure(root: &Path) -> Result<()> {
    // Asking rustc instead of rustup also covers distributions that ship the target themselves.
    if is_installed(root).await? {
        return Ok(());
    }
    eprintln!("Adding the Rust target {TARGET}");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .current_dir(root)
        .kill_on_drop(true);
    match rustup.status().await {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!(
            "rustup could not add {TARGET} (its message is above): mend that, or run \
             `rustup target add {TARGET}` in {} yourself",
            root.display()
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "this Rust has no target {TARGET}, and there is no rustup to add it: install Rust \
             from https://rustup.rs, or the target's standard library with your package manager"
        ),
        Err(error) => Err(error).context("cannot run rustup"),
    }
}

async fn is_installed(root: &Path) -> Result<bool> {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(root);
    let output = rustc
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await;
    let output = output.context("cannot run rustc: install Rust from https://rustup.rs")?;
    let libraries = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(libraries.trim()).is_dir())
}
