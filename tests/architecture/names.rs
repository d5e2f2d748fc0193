//! What things are called, so that one name finds them all.
//!
//! *Invariant:* folder, package, artefact and component bear one name.

use std::collections::BTreeSet;

use super::workspace::{Member, family, members};
use super::{hold, manifest, sources};

/// Words that say nothing of what is inside.
const EMPTY_WORDS: [&str; 9] = [
    "common", "helper", "helpers", "manager", "misc", "shared", "stuff", "util", "utils",
];

/// What a package in a folder is called.
fn package_name(member: &Member) -> String {
    match (member.family, member.folder) {
        ("crates", "cli") => "postern".to_owned(),
        ("crates", folder) => format!("postern-{folder}"),
        ("tests/probes", folder) => format!("probe-{folder}"),
        (_, folder) => folder.to_owned(),
    }
}

#[test]
fn a_package_is_called_as_its_folder() {
    let faults = members().into_iter().filter_map(|member| {
        let expected = package_name(&member);
        let actual = member.package.name.as_str();
        (actual != expected).then(|| format!("{} is `{actual}`, not `{expected}`", member.path()))
    });
    hold(faults, "Rename the package or its folder:");
}

#[test]
fn a_component_its_package_and_its_wasm_file_have_one_name() {
    let faults = manifest::components().into_iter().filter_map(|component| {
        // One wasm serves every identity provider, as a component of its own for each.
        let provider = component.id.strip_prefix("login-").is_some();
        let expected = if provider {
            "login"
        } else {
            component.id.as_str()
        };
        let package = component.package()?;
        (package != expected).then(|| format!("{} is built from `{package}`", component.id))
    });
    hold(
        faults,
        "In spin.toml, a component is called as the package it is built from:",
    );
}

#[test]
fn every_component_folder_is_in_the_manifest() {
    let components = manifest::components();
    let used: BTreeSet<_> = components
        .iter()
        .filter_map(manifest::Component::package)
        .collect();
    let unused = family("components")
        .into_iter()
        .filter(|member| !used.contains(member.folder));
    hold(
        unused.map(|member| member.path()),
        "Add it to spin.toml, or remove it:",
    );
}

#[test]
fn files_are_named_for_what_is_in_them() {
    let faults = sources::files().filter(|path| {
        let words = path.split(['/', '_', '-', '.']);
        words.into_iter().any(|word| EMPTY_WORDS.contains(&word))
    });
    hold(faults.map(str::to_owned), "Name the noun that is inside:");
}

#[test]
fn every_package_says_what_it_is() {
    let faults = members().into_iter().filter(|member| {
        let description = member.package.description.as_deref().unwrap_or_default();
        description.is_empty() || description.to_ascii_lowercase().contains("todo")
    });
    hold(
        faults.map(|member| member.path()),
        "Write one line in `description`:",
    );
}
