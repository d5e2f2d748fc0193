//! The workspace as Cargo sees it.
//!
//! *Invariant:* answers do not depend on the machine: the graph is the one of two named platforms.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use super::root;

/// What hosts run on in production.
const NATIVE: &str = "x86_64-unknown-linux-gnu";
/// What components are built for.
pub(super) const WASM: &str = "wasm32-wasip2";

static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let platforms = ["--filter-platform", NATIVE, "--filter-platform", WASM];
    MetadataCommand::new()
        .current_dir(root())
        .other_options(platforms.map(str::to_owned))
        .exec()
        .expect("cargo metadata describes the workspace")
});

/// Every package that is built or used, ours and others'.
pub(super) fn packages() -> &'static [Package] {
    &METADATA.packages
}

/// One of our packages.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Where it lives: `crates`, `components`, `tests/probes`, `tests` or nowhere (`bench`).
    pub(super) family: &'static str,
    /// The name of its folder, by which other rules call it.
    pub(super) folder: &'static str,
    /// What Cargo knows of it.
    pub(super) package: &'static Package,
}

impl Member {
    /// Its folder, from the root.
    pub(super) fn path(&self) -> String {
        if self.family.is_empty() {
            self.folder.to_owned()
        } else {
            format!("{}/{}", self.family, self.folder)
        }
    }

    /// The folders of our packages that it names, in its dependencies of a kind.
    pub(super) fn ours(&self, kind: DependencyKind) -> BTreeSet<&'static str> {
        let named = self.package.dependencies.iter();
        named
            .filter(|dependency| dependency.kind == kind)
            .filter_map(|dependency| dependency.path.as_ref()?.file_name())
            .collect()
    }

    /// The packages of others that it names, in its dependencies of a kind.
    pub(super) fn others(&self, kind: DependencyKind) -> BTreeSet<&'static str> {
        let named = self.package.dependencies.iter();
        named
            .filter(|dependency| dependency.kind == kind && dependency.path.is_none())
            .map(|dependency| dependency.name.as_str())
            .collect()
    }
}

/// Our packages, in the order of their folders.
pub(super) fn members() -> Vec<Member> {
    let mut members: Vec<_> = METADATA
        .workspace_packages()
        .into_iter()
        .map(member)
        .collect();
    members.sort_by_key(Member::path);
    members
}

/// Our packages of one family.
pub(super) fn family(name: &str) -> Vec<Member> {
    let mut members = members();
    members.retain(|member| member.family == name);
    members
}

fn member(package: &'static Package) -> Member {
    let folder = package
        .manifest_path
        .parent()
        .expect("a manifest is in a folder");
    let folder = folder.strip_prefix(&METADATA.workspace_root);
    let path = folder.expect("a member is in the workspace").as_str();
    let (family, folder) = path.rsplit_once('/').unwrap_or(("", path));
    Member {
        family,
        folder,
        package,
    }
}

/// A package and its version, of a dependency graph.
pub(super) type Dependency = (String, String);

/// What ends up in artefacts of `packages` on a platform: no tests, build scripts or macros, and
/// with exactly the features that these packages ask for.
pub(super) fn linked(packages: &[&str], platform: &str) -> BTreeSet<Dependency> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root())
        .args(["tree", "--target", platform, "--prefix", "none"]);
    command.args(["--edges", "normal,no-proc-macro", "--format", "{p}"]);
    for package in packages {
        command.args(["--package", package]);
    }
    let output = command.output().expect("cargo starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {errors}");
    let lines = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let named = lines.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((
            words.next()?.to_owned(),
            words.next()?.trim_start_matches('v').to_owned(),
        ))
    });
    named.collect()
}

/// As [`linked`], on the platform of the hosts.
pub(super) fn linked_natively(packages: &[&str]) -> BTreeSet<Dependency> {
    linked(packages, NATIVE)
}
