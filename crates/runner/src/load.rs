//! From files to an application that is ready to serve.
//!
//! *Invariant:* whatever the manifest names exists and is usable, or nothing is served.

mod code;
mod grants;

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use tokio::net::TcpListener;
use wasmtime::Engine;
use wasmtime_wasi_http::handler::ProxyHandler;

use crate::{
    LoadRefused, ServeFailed,
    client::Client,
    dispatch::{Dispatcher, Route},
    engine,
    guest::Grants,
    headers::RouteHeaders,
    instances::Maker,
    manifest::{self, Manifest},
    routes::Pattern,
    runtime_config, server,
    variables::{self, Sources},
};

/// What an application is loaded from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The manifest, `spin.toml`; what it names is relative to its folder.
    pub manifest: PathBuf,
    /// The runtime configuration; the stores are in the state folder without one.
    pub runtime_config: Option<PathBuf>,
    /// The dotenv file with `SPIN_VARIABLE_…` lines; it need not exist.
    pub env_file: Option<PathBuf>,
    /// Values of variables that win over every other source.
    pub variables: BTreeMap<String, String>,
    /// Where databases and logs are kept; made when it does not exist.
    pub state_dir: PathBuf,
    /// Where compiled code is kept; made when it does not exist.
    pub compile_cache: PathBuf,
}

/// An application that is ready to serve.
pub struct Application {
    /// One for each thread that will serve: they share code, stores and nothing that has to be
    /// waited for.
    dispatchers: Vec<Arc<Dispatcher>>,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Application")
            .finish_non_exhaustive()
    }
}

impl Application {
    /// Reads, checks, composes and compiles an application. `progress` is told the id of each
    /// component that is ready.
    ///
    /// # Errors
    ///
    /// The first rule that is broken, with the file or key and the fix.
    pub async fn load(
        settings: Settings,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, LoadRefused> {
        let manifest = manifest::read(&settings.manifest)?;
        let config = runtime_config::read(settings.runtime_config.as_deref(), &settings.state_dir)?;
        let env_file = settings
            .env_file
            .as_deref()
            .map(variables::read_env_file)
            .transpose()?;
        let sources = Sources {
            command_line: &settings.variables,
            providers: &config.variables,
            environment: &environment,
            env_file: env_file.unwrap_or_default(),
        };
        let values = sources.settle(&manifest)?;
        let routes = routes(&settings.manifest, &manifest)?;
        let folder = settings
            .manifest
            .parent()
            .unwrap_or(Path::new(""))
            .to_owned();
        let granted = grants::Granting {
            settings: &settings,
            folder: &folder,
            config: &config,
            values: &values,
        }
        .grant(&manifest)?;
        let engine = engine::new(&settings.compile_cache)?;
        let codes = code::compile(&engine, &folder, &manifest, progress).await?;
        engine::start_ticking(&engine)?;

        let chained = RouteHeaders::new("/...").map_err(LoadRefused::engine)?;
        let granted: Vec<_> = granted.into_iter().map(Arc::new).collect();
        let dispatcher = || {
            let client = Client::new(&config.blocked, config.client_tls.clone());
            let client = client.map_err(LoadRefused::engine)?;
            Ok(Arc::new_cyclic(|dispatcher| {
                let components = instances(&engine, dispatcher, &granted, &codes);
                Dispatcher::new(routes.clone(), components, chained.clone(), client)
            }))
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let dispatchers = std::iter::repeat_with(dispatcher).take(threads);
        Ok(Self {
            dispatchers: dispatchers.collect::<Result<_, LoadRefused>>()?,
        })
    }

    /// Serves until `stop` is ready; then no request is begun, and those under way get a bounded
    /// time to end.
    ///
    /// # Errors
    ///
    /// The listener is not usable.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> Result<(), ServeFailed> {
        server::serve(self.dispatchers, listener, stop).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge: a variable is read once, at load"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn instances(
    engine: &Engine,
    dispatcher: &Weak<Dispatcher>,
    granted: &[Arc<Grants>],
    codes: &code::Codes,
) -> HashMap<String, ProxyHandler<Maker>> {
    let handler = |grants: &Arc<Grants>| {
        let code = codes.get(&grants.component)?.clone();
        let component = grants.component.clone();
        let (engine, dispatcher) = (engine.clone(), dispatcher.clone());
        let maker = Maker {
            crowd: Arc::default(),
            engine,
            code,
            grants: grants.clone(),
            dispatcher,
        };
        Some((component, ProxyHandler::new(maker)))
    };
    granted.iter().filter_map(handler).collect()
}

fn routes(path: &Path, manifest: &Manifest) -> Result<Vec<Route>, LoadRefused> {
    let mut routes: Vec<Route> = Vec::new();
    for trigger in &manifest.trigger.http {
        let (Some(written), Some(component)) = (trigger.route.pattern(), &trigger.component) else {
            continue;
        };
        let refused = |reason: &dyn std::fmt::Display| {
            LoadRefused::configuration(path, format!("route {written:?}: {reason}"))
        };
        let pattern = Pattern::parse(written).map_err(|reason| refused(&reason))?;
        if let Some(other) = routes.iter().find(|route| route.pattern == pattern) {
            return Err(refused(&format!(
                "it is the route of component {:?} already",
                other.component
            )));
        }
        let headers = RouteHeaders::new(written).map_err(|reason| refused(&reason))?;
        routes.push(Route {
            pattern,
            headers,
            component: component.clone(),
        });
    }
    Ok(routes)
}

impl Manifest {
    /// The components that answer requests, each once.
    fn triggered(&self) -> impl Iterator<Item = (&String, &manifest::Component)> {
        let named = |id: &str| {
            self.trigger
                .http
                .iter()
                .any(|trigger| trigger.component.as_deref() == Some(id))
        };
        self.component.iter().filter(move |(id, _)| named(id))
    }
}
