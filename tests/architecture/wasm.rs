//! The built components.
//!
//! *Invariant:* what is looked at is what hosts serve, built by the command that the end-to-end
//! tests use.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{Parser, Payload};

use super::manifest::product;
use super::root;
use super::workspace::WASM;

/// The budget of a component's mean size.
const MEAN_BYTES: usize = 800_000;

/// What std's own WASI is made of: no capability of ours.
const STD: [&str; 4] = ["wasi:cli/", "wasi:clocks/", "wasi:io/", "wasi:random/"];

/// A built component.
pub(super) struct Artefact {
    bytes: usize,
    /// Interfaces it imports, without versions and beyond std's.
    pub(super) imports: BTreeSet<String>,
}

/// Builds `packages` and looks at what came out, by the package's name.
pub(super) fn build(packages: &[String]) -> BTreeMap<String, Artefact> {
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    harness::host::build(&names);
    let looked_at = packages
        .iter()
        .map(|package| (package.clone(), look(package)));
    looked_at.collect()
}

fn look(package: &str) -> Artefact {
    let path = root()
        .join("target")
        .join(WASM)
        .join("release")
        .join(format!("{}.wasm", package.replace('-', "_")));
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{} was just built: {error}", path.display()));
    Artefact {
        bytes: bytes.len(),
        imports: imports(&bytes),
    }
}

/// Interfaces that the component as a whole imports; those of the parts inside it are its own
/// affair.
fn imports(wasm: &[u8]) -> BTreeSet<String> {
    let mut depth = 0_usize;
    let mut imports = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("cargo builds valid components") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                let names = section
                    .into_iter()
                    .map(|import| import.expect("valid").name.name);
                imports.extend(names.map(without_version));
            }
            _ => {}
        }
    }
    imports.retain(|name| !STD.iter().any(|family| name.starts_with(family)));
    imports
}

fn without_version(interface: &str) -> String {
    interface.split('@').next().unwrap_or(interface).to_owned()
}

#[test]
fn components_stay_small_on_average() {
    let built = build(&product());
    let sizes: Vec<String> = built
        .iter()
        .map(|(name, built)| format!("{name} {}", built.bytes))
        .collect();
    let mean = built.values().map(|built| built.bytes).sum::<usize>() / built.len();
    assert!(
        mean <= MEAN_BYTES,
        "The mean component has {mean} bytes, more than {MEAN_BYTES}: see what the largest links \
         (`cargo tree --target {WASM} -p NAME`): {}",
        sizes.join(", ")
    );
}
