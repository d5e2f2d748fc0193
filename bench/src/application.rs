//! The product as it is built, with two probes beside it and one more behind its gateway.
//!
//! *Invariant:* the manifest is the product's own, read anew for every run: nothing that is
//! measured can drift from what is served.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cargo_metadata::{Artifact, Message};
use harness::host::{Host, build};
use harness::product;
use tempfile::TempDir;
use toml::{Table, Value};
use vendors::{Kind, Vendor};

use crate::measure::{Unmeasured, now};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const BUILT: &str = "target/wasm32-wasip2/release";
const PROBES: [&str; 3] = ["probe-empty", "probe-hop", "probe-server"];

/// The path of the empty component.
pub(crate) const EMPTY: &str = "/bench/empty";
/// The path of the component that asks the empty one, or hands a message to the server.
pub(crate) const HOP: &str = "/bench/hop";

const PROBES_MANIFEST: &str = r#"
[[trigger.http]]
route = "/bench/empty"
component = "empty"

[[trigger.http]]
route = "/bench/hop"
component = "hop"

[[trigger.http]]
route = { private = true }
component = "server"

[component.empty]
source = "probe_empty.wasm"

[component.hop]
source = "probe_hop.wasm"
allowed_outbound_hosts = ["http://empty.spin.internal", "http://server.spin.internal"]

[component.server]
source = "probe_server.wasm"
"#;

const SERVERS: &str = r#"
[[server]]
name = "toolbox"
toolset = true

[[server]]
name = "probe"
component = "server"
"#;

/// The running application and the folder of its manifest.
pub(crate) struct Application {
    host: Host,
    vendor: Vendor,
    start: Duration,
    _folder: TempDir,
}

impl Application {
    /// Builds and starts it.
    pub(crate) fn start() -> Result<Self, Unmeasured> {
        let postern = postern()?;
        build(&PROBES);
        let failed = |error| Unmeasured::System("the folder of the manifest", error);
        let folder = TempDir::new().map_err(failed)?;
        let manifest = folder.path().join("spin.toml");
        std::fs::write(folder.path().join("postern.toml"), SERVERS).map_err(failed)?;
        std::fs::write(&manifest, self::manifest()?).map_err(failed)?;
        let vendor = Vendor::start(Kind::Oidc);
        let trust = trust(&vendor, folder.path()).map_err(failed)?;
        let options = product::options_of(manifest).state_dir(folder.path().join("state"));
        let options = vendor
            .variables()
            .into_iter()
            .fold(options.runtime_config(trust), |options, (name, value)| {
                options.variable(name, value)
            });
        // The first start compiles what the second one finds in its cache.
        let stopped = Host::start(&postern, &options)?.stop();
        stopped.map_err(|error| Unmeasured::System("the first start", error))?;
        let began = now();
        let host = Host::start(&postern, &options)?;
        Ok(Self {
            host,
            vendor,
            start: began.elapsed(),
            _folder: folder,
        })
    }

    pub(crate) const fn host(&self) -> &Host {
        &self.host
    }

    /// The identity provider that people may sign in with.
    pub(crate) const fn vendor(&self) -> &Vendor {
        &self.vendor
    }

    /// How long it took to start with everything compiled.
    pub(crate) const fn start_time(&self) -> Duration {
        self.start
    }
}

/// What the operator adds to the runtime configuration: whose certificate to trust.
fn trust(vendor: &Vendor, folder: &Path) -> std::io::Result<String> {
    let certificate = folder.join("provider.pem");
    std::fs::write(&certificate, vendor.certificate())?;
    let component = format!("login-{}", vendor.kind().id());
    Ok(format!(
        "[[client_tls]]\ncomponent_ids = [{component:?}]\nhosts = [\"localhost\"]\n\
         ca_roots_file = {certificate:?}\n"
    ))
}

/// The binary that `cargo run` builds, built.
fn postern() -> Result<PathBuf, Unmeasured> {
    let failed = |error| Unmeasured::System("`cargo build`", error);
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Cargo tells this process which package it is, and some build scripts would listen.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_a_package) {
            command.env_remove(name);
        }
    }
    let output = command
        .current_dir(WORKSPACE)
        .args(["build", "--message-format=json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(failed)?;
    Message::parse_stream(output.stdout.as_slice())
        .find_map(|message| match message {
            Ok(Message::CompilerArtifact(Artifact { executable, .. })) => executable,
            _ => None,
        })
        .map(Into::into)
        .ok_or(Unmeasured::Manifest("`cargo build` has made no binary"))
}

fn is_of_a_package(variable: &str) -> bool {
    ["CARGO_MANIFEST_", "CARGO_PKG_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

/// The product's manifest and the probes'.
fn manifest() -> Result<String, Unmeasured> {
    let workspace = Path::new(WORKSPACE);
    let text = std::fs::read_to_string(workspace.join("spin.toml"));
    let text = text.map_err(|error| Unmeasured::System("spin.toml", error))?;
    joined(&text, workspace).ok_or(Unmeasured::Manifest(
        "spin.toml has no triggers, components or gateway where they were",
    ))
}

fn joined(product: &str, workspace: &Path) -> Option<String> {
    let mut manifest: Table = product.parse().ok()?;
    let probes: Table = PROBES_MANIFEST.parse().ok()?;
    let triggers = |table: &Table| table.get("trigger")?.get("http")?.as_array().cloned();
    let more = triggers(&probes)?;
    let http = manifest.get_mut("trigger")?.get_mut("http")?;
    http.as_array_mut()?.extend(more);
    let components = manifest.get_mut("component")?.as_table_mut()?;
    for component in components
        .iter_mut()
        .filter_map(|(_, value)| value.as_table_mut())
    {
        move_source(component, workspace)?;
    }
    for (id, component) in probes.get("component")?.as_table()? {
        let mut component = component.as_table()?.clone();
        move_source(&mut component, &workspace.join(BUILT))?;
        components.insert(id.clone(), Value::Table(component));
    }
    let gateway = components.get_mut("gateway")?.as_table_mut()?;
    let hosts = gateway.get_mut("allowed_outbound_hosts")?.as_array_mut()?;
    hosts.push(Value::from("http://server.spin.internal"));
    toml::to_string(&manifest).ok()
}

/// The manifest is elsewhere, the components are where they were.
fn move_source(component: &mut Table, folder: &Path) -> Option<()> {
    let source = component.get_mut("source")?;
    let path = folder.join(source.as_str()?);
    *source = Value::from(path.to_str()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_and_the_probes_are_one_manifest() {
        let manifest: Table = manifest().unwrap().parse().unwrap();
        let component = |id: &str| manifest["component"][id].clone();
        for (id, file) in [("gateway", "gateway.wasm"), ("hop", "probe_hop.wasm")] {
            let source = component(id)["source"].as_str().unwrap().to_owned();
            assert!(
                Path::new(&source).ends_with(Path::new(BUILT).join(file)),
                "{source}"
            );
        }
        let routes = manifest["trigger"]["http"].as_array().unwrap();
        for route in ["/mcp", EMPTY, HOP] {
            assert!(
                routes
                    .iter()
                    .any(|trigger| trigger["route"].as_str() == Some(route))
            );
        }
        let hosts = component("gateway")["allowed_outbound_hosts"].clone();
        let server = Value::from("http://server.spin.internal");
        assert!(hosts.as_array().unwrap().contains(&server), "{hosts}");
    }

    #[test]
    fn a_manifest_without_a_gateway_is_no_product() {
        assert_eq!(
            joined("[component.home]\nsource = \"x\"", Path::new("/")),
            None
        );
    }
}
