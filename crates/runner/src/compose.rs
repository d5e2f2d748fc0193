//! Plugs a component's dependencies into it.
//!
//! *Invariant:* a dependency gets clocks, randomness and output, and nothing that the manifest
//! grants: no environment, files, stores or network.

use std::collections::HashMap;

use wac_graph::{
    CompositionGraph, EncodeOptions, NodeId, PackageId,
    types::{ItemKind, Package, are_semver_compatible},
};

use crate::interfaces::ISOLATED_ENVIRONMENT;

/// A dependency that was read.
#[derive(Debug)]
pub(crate) struct Plug {
    /// What it is for: an interface, a package, or a plain name.
    pub(crate) name: String,
    /// The interface it exports, when that has another name.
    pub(crate) export: Option<String>,
    /// The component.
    pub(crate) wasm: Vec<u8>,
}

/// What Rust's standard library imports for `wasm32-wasip2`, without files and sockets.
const STANDARD: [&str; 8] = [
    "wasi:cli/environment@",
    "wasi:cli/exit@",
    "wasi:cli/std",
    "wasi:cli/terminal-",
    "wasi:clocks/",
    "wasi:io/",
    "wasi:random/",
    "wasi:cli/types@",
];

const ENVIRONMENT: &str = "wasi:cli/environment@";

/// Composes `socket` with its dependencies.
pub(crate) fn compose(socket: Vec<u8>, plugs: Vec<Plug>) -> Result<Vec<u8>, String> {
    let mut composition = Composition {
        graph: CompositionGraph::new(),
        environments: HashMap::new(),
    };
    let socket = composition
        .register("socket", socket)
        .map_err(|error| format!("source: {error}"))?;
    let instance = composition.graph.instantiate(socket);
    for (index, plug) in plugs.into_iter().enumerate() {
        let name = plug.name.clone();
        composition
            .plug((socket, instance), index, plug)
            .map_err(|reason| format!("dependencies.{name:?}: {reason}"))?;
    }
    let exports: Vec<String> = composition
        .items(socket, Side::Exports)
        .map(|(name, _)| name.clone())
        .collect();
    for name in exports {
        let graph = &mut composition.graph;
        let export = graph
            .alias_instance_export(instance, &name)
            .map_err(|error| error.to_string())?;
        graph
            .export(export, name)
            .map_err(|error| error.to_string())?;
    }
    composition
        .graph
        .encode(EncodeOptions::default())
        .map_err(|error| format!("dependencies: {error}"))
}

#[derive(Clone, Copy)]
enum Side {
    Imports,
    Exports,
}

struct Composition {
    graph: CompositionGraph,
    environments: HashMap<String, NodeId>,
}

impl Composition {
    fn register(&mut self, name: &str, wasm: Vec<u8>) -> Result<PackageId, String> {
        let package = Package::from_bytes(name, None, wasm, self.graph.types_mut());
        let package = package.map_err(|error| format!("not a component: {error}"))?;
        self.graph
            .register_package(package)
            .map_err(|error| error.to_string())
    }

    fn items(&self, package: PackageId, side: Side) -> impl Iterator<Item = (&String, &ItemKind)> {
        let world = &self.graph.types()[self.graph[package].ty()];
        match side {
            Side::Imports => world.imports.iter(),
            Side::Exports => world.exports.iter(),
        }
    }

    fn plug(
        &mut self,
        (socket, into): (PackageId, NodeId),
        index: usize,
        plug: Plug,
    ) -> Result<(), String> {
        let wanted: Vec<String> = self
            .items(socket, Side::Imports)
            .map(|(name, _)| name.clone())
            .filter(|import| stands_for(&plug.name, import))
            .collect();
        if wanted.is_empty() {
            return Err("the component imports nothing of that name".into());
        }
        let package = self.register(&format!("dependency-{index}"), plug.wasm)?;
        let instance = self.isolate(package)?;
        for import in wanted {
            let export = self
                .items(package, Side::Exports)
                .map(|(name, _)| name.clone())
                .find(|name| match &plug.export {
                    Some(export) => export == name,
                    None => *name == import || are_semver_compatible(name, &import),
                })
                .ok_or_else(|| {
                    format!(
                        "it does not export {}",
                        plug.export.as_ref().unwrap_or(&import)
                    )
                })?;
            let graph = &mut self.graph;
            let export = graph
                .alias_instance_export(instance, &export)
                .map_err(|error| error.to_string())?;
            graph
                .set_instantiation_argument(into, &import, export)
                .map_err(|error| format!("{error:#}"))?;
        }
        Ok(())
    }

    /// Instantiates a dependency with an empty environment.
    fn isolate(&mut self, package: PackageId) -> Result<NodeId, String> {
        let imports: Vec<(String, ItemKind)> = self
            .items(package, Side::Imports)
            .map(|(name, kind)| (name.clone(), *kind))
            .collect();
        if let Some((name, _)) = imports.iter().find(|(name, _)| !is_standard(name)) {
            return Err(format!(
                "it imports {name}, and a dependency gets no capability"
            ));
        }
        let instance = self.graph.instantiate(package);
        for (name, kind) in imports {
            let Some(version) = name.strip_prefix(ENVIRONMENT) else {
                continue;
            };
            let empty = match self.environments.get(&name) {
                Some(node) => *node,
                None => {
                    let isolated = format!("{ISOLATED_ENVIRONMENT}@{version}");
                    let kind = self.nameless(kind);
                    self.graph
                        .import(isolated, kind)
                        .map_err(|error| error.to_string())?
                }
            };
            self.environments.insert(name.clone(), empty);
            self.graph
                .set_instantiation_argument(instance, &name, empty)
                .map_err(|error| error.to_string())?;
        }
        Ok(instance)
    }

    /// The same interface without its name: imports of one name become one instance when they
    /// are encoded, and the dependency would get the socket's.
    fn nameless(&mut self, kind: ItemKind) -> ItemKind {
        let ItemKind::Instance(id) = kind else {
            return kind;
        };
        let types = self.graph.types_mut();
        let mut interface = types[id].clone();
        interface.id = None;
        ItemKind::Instance(types.add_interface(interface))
    }
}

fn is_standard(import: &str) -> bool {
    STANDARD.iter().any(|standard| import.starts_with(standard))
}

/// Whether a dependency of this name is for this import: the same interface, or any interface of
/// the same package, with a version that is the same, compatible, or not given.
fn stands_for(name: &str, import: &str) -> bool {
    let (wanted, wanted_version) = name
        .split_once('@')
        .map_or((name, None), |(name, version)| (name, Some(version)));
    let (found, version) = import
        .split_once('@')
        .map_or((import, None), |(name, version)| (name, Some(version)));
    let same = match (wanted.split_once('/'), wanted.contains(':')) {
        (None, true) => found
            .split_once('/')
            .is_some_and(|(package, _)| package == wanted),
        _ => wanted == found,
    };
    let compatible = |wanted: &str, found: &str| {
        wanted == found
            || are_semver_compatible(&format!("a:b/c@{wanted}"), &format!("a:b/c@{found}"))
    };
    same && wanted_version
        .is_none_or(|wanted| version.is_some_and(|found| compatible(wanted, found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_stands_for_an_interface_or_a_package() {
        for (name, import, matches) in [
            ("postern:toolset/tools", "postern:toolset/tools", true),
            ("postern:toolset/tools", "postern:toolset/tools@1.0.0", true),
            (
                "postern:toolset/tools@1.0.0",
                "postern:toolset/tools@1.0.0",
                true,
            ),
            (
                "postern:toolset/tools@1.0.0",
                "postern:toolset/tools@1.2.0",
                true,
            ),
            (
                "postern:toolset/tools@1.0.0",
                "postern:toolset/tools@2.0.0",
                false,
            ),
            (
                "postern:toolset/tools@1.0.0",
                "postern:toolset/tools",
                false,
            ),
            ("postern:toolset/tools", "postern:toolset/types", false),
            ("postern:toolset", "postern:toolset/tools@1.0.0", true),
            ("postern:toolset@1.0.0", "postern:toolset/tools@1.0.0", true),
            ("postern:tool", "postern:toolset/tools", false),
            ("tools", "tools", true),
            ("tools", "postern:toolset/tools", false),
        ] {
            assert_eq!(stands_for(name, import), matches, "{name} for {import}");
        }
    }

    #[test]
    fn only_what_the_standard_library_needs_is_allowed() {
        for (import, allowed) in [
            ("wasi:io/streams@0.2.6", true),
            ("wasi:cli/stderr@0.2.6", true),
            ("wasi:cli/environment@0.2.6", true),
            ("wasi:random/insecure-seed@0.2.6", true),
            ("wasi:filesystem/preopens@0.2.6", false),
            ("wasi:sockets/tcp@0.2.6", false),
            ("wasi:http/outgoing-handler@0.2.6", false),
            ("spin:variables/variables@3.0.0", false),
            ("spin:key-value/key-value@3.0.0", false),
        ] {
            assert_eq!(is_standard(import), allowed, "{import}");
        }
    }

    #[test]
    fn what_is_no_component_is_refused() {
        let refused = compose(b"\0asm\x01\0\0\0".to_vec(), vec![]).expect_err("a core module");
        assert!(refused.contains("not a component"), "{refused}");
    }
}
