//! Composes and compiles the components, in parallel, each distinct one once.
//!
//! *Invariant:* a component that could not answer a request is refused before any is served.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::JoinSet;
use wasmtime::{
    Engine,
    component::{Component, Linker},
};
use wasmtime_wasi_http::handler::ProxyPre;

use crate::{
    LoadRefused,
    compose::{self, Plug},
    guest::Guest,
    instances, interfaces,
    manifest::{self, Dependency, InApplication, InFile, Manifest, Source},
};

/// The code of each component, by its id.
pub(super) type Codes = HashMap<String, Arc<ProxyPre<Guest>>>;

/// What a component's code is made of. Components made of the same share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Recipe {
    source: PathBuf,
    dependencies: Vec<(String, Option<String>, PathBuf)>,
}

/// Compiles what `manifest` triggers.
pub(super) async fn compile(
    engine: &Engine,
    folder: &Path,
    manifest: &Manifest,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Codes, LoadRefused> {
    let mut linker = Linker::new(engine);
    interfaces::add_to_linker(&mut linker).map_err(LoadRefused::engine)?;
    let linker = Arc::new(linker);
    let mut recipes: BTreeMap<Recipe, Vec<String>> = BTreeMap::new();
    for (id, component) in manifest.triggered() {
        let recipe = Recipe::new(folder, manifest, component);
        let recipe = recipe.map_err(|reason| LoadRefused::component(id, reason))?;
        recipes.entry(recipe).or_default().push(id.clone());
    }
    let mut compiling = JoinSet::new();
    for (recipe, ids) in recipes {
        let (engine, linker) = (engine.clone(), linker.clone());
        compiling.spawn_blocking(move || (recipe.cook(&engine, &linker), ids));
    }
    let mut codes = Codes::new();
    while let Some(compiled) = compiling.join_next().await {
        let (code, ids) = compiled.map_err(LoadRefused::engine)?;
        let code = code.map_err(|reason| LoadRefused::component(&ids.join(", "), reason))?;
        for id in ids {
            progress(&id);
            codes.insert(id, code.clone());
        }
    }
    Ok(codes)
}

impl Recipe {
    fn new(
        folder: &Path,
        manifest: &Manifest,
        component: &manifest::Component,
    ) -> Result<Self, String> {
        let source = |component: &manifest::Component| match &component.source {
            Source::Local(path) => Ok(folder.join(path)),
            Source::Elsewhere(_) => Err("source is not a path".to_owned()),
        };
        let dependency = |(name, dependency): (&String, &Dependency)| match dependency {
            Dependency::Path(InFile { path, export, .. }) => {
                Ok((name.clone(), export.clone(), folder.join(path)))
            }
            Dependency::Component(InApplication {
                component, export, ..
            }) => {
                let other = manifest.component.get(component);
                let other = other.ok_or_else(|| {
                    format!("dependencies.{name:?}: there is no [component.{component}]")
                })?;
                if !other.dependencies.is_empty() {
                    return Err(format!(
                        "dependencies.{name:?}: {component} has dependencies of its own"
                    ));
                }
                Ok((name.clone(), export.clone(), source(other)?))
            }
            Dependency::Elsewhere(_) => Err(format!("dependencies.{name:?} is not in a file")),
        };
        let dependencies = component
            .dependencies
            .iter()
            .map(dependency)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            source: source(component)?,
            dependencies,
        })
    }

    fn cook(self, engine: &Engine, linker: &Linker<Guest>) -> Result<Arc<ProxyPre<Guest>>, String> {
        let path = self.source.display().to_string();
        let mut wasm = read(&self.source)?;
        if !self.dependencies.is_empty() {
            let plug = |(name, export, path): (String, Option<String>, PathBuf)| {
                Ok::<_, String>(Plug {
                    name,
                    export,
                    wasm: read(&path)?,
                })
            };
            let plugs = self
                .dependencies
                .into_iter()
                .map(plug)
                .collect::<Result<_, _>>()?;
            wasm = compose::compose(wasm, plugs)?;
        }
        let component = Component::new(engine, &wasm)
            .map_err(|error| format!("{path} does not load: {error:#}"))?;
        let code = instances::link(linker, &component);
        code.map(Arc::new)
            .map_err(|error| format!("{path} cannot be served: {error:#}"))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("{} does not exist; build the component", path.display())
        }
        _ => format!("{} cannot be read: {error}", path.display()),
    })
}
