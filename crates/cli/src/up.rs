//! `postern up`: from a manifest to a server that answers.
//!
//! *Invariant:* what can be refused early is refused before anything is built.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use runner::{Application, Settings};

use crate::args::Up;
use crate::identity::{Identity, Sources};
use crate::listen::{self, Wish};
use crate::progress::Progress;
use crate::project::Project;
use crate::state::StateFolder;
use crate::stop::StopSignals;
use crate::{build, preflight, welcome};

/// Everything that is there before the first request.
struct Ready {
    application: Application,
    listener: TcpListener,
    identity: Identity,
}

/// Builds, serves, and returns once the server has stopped.
pub(crate) async fn run(up: Up, here: &Path) -> Result<()> {
    let mut signals = StopSignals::listen()?;
    let ready = tokio::select! {
        ready = prepare(up, here) => ready?,
        () = signals.next() => return Ok(()),
    };
    let Ready {
        application,
        listener,
        identity,
    } = ready;
    let address = listener.local_addr().context("the port has no address")?;
    listener
        .set_nonblocking(true)
        .context("the port cannot be used")?;
    let listener = tokio::net::TcpListener::from_std(listener).context("the port is unusable")?;
    let welcome = welcome::text(&identity, &listen::origin(address));
    announce(&format!("Serving http://{address}\n{welcome}"));
    application.serve(listener, signals.requested()).await?;
    Ok(())
}

async fn prepare(up: Up, here: &Path) -> Result<Ready> {
    let Up {
        manifest,
        listen,
        state_dir,
        runtime_config_file,
        variables,
        skip_build,
    } = up;
    let project = Project::find(manifest.as_deref(), here)?;
    let runtime_config = runtime_config_file
        .map(|path| here.join(path))
        .or_else(|| project.runtime_config());
    let sources = Sources::read(&project, variables, runtime_config.as_deref())?;
    let state = state_dir.map_or_else(|| project.root.join(".postern"), |dir| here.join(dir));
    let state = StateFolder::open(state)?;
    let wish = Wish::new(listen);
    let identity = Identity::decide(&project, &sources, &state, wish.address)?;
    if identity.made {
        eprintln!("Made development keys in {}", state.path().display());
    }
    preflight::check(&project, &sources, &identity)?;
    let listener = tokio::task::spawn_blocking(move || wish.bind()).await??;
    build::ensure(&project, skip_build).await?;

    let mut given = identity.keys.clone();
    given.extend(sources.given);
    let settings = Settings {
        env_file: sources.env_file.is_some().then(|| project.env_file()),
        compile_cache: compile_cache(&project, &state),
        manifest: project.manifest,
        runtime_config,
        variables: given,
        state_dir: state.path().to_owned(),
    };
    let application = load(settings, project.served).await?;
    Ok(Ready {
        application,
        listener,
        identity,
    })
}

async fn load(settings: Settings, components: usize) -> Result<Application> {
    let progress = Progress::start("Loading the components");
    progress.expect(components);
    let loaded = AtomicUsize::new(0);
    let ready = |component: &str| {
        progress.step(loaded.fetch_add(1, Ordering::Relaxed) + 1, component);
    };
    Ok(Application::load(settings, &ready).await?)
}

/// Compiled components belong beside the built ones: `cargo clean` removes both, and every
/// state folder shares them.
fn compile_cache(project: &Project, state: &StateFolder) -> PathBuf {
    let target = project.root.join("target");
    if target.is_dir() {
        target.join("postern-compiled")
    } else {
        state.path().join("compiled")
    }
}

/// Prints to a stdout that may have been closed, which is no reason to stop serving.
fn announce(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = write!(stdout, "{text}").and_then(|()| stdout.flush());
}
