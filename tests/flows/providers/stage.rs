//! Every provider of the catalogue at once, each as a fake vendor of its own.
//!
//! *Invariant:* the product is set by the variables that its catalogue names, and knows the fakes by
//! nothing else than the certificates that an operator would add.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use harness::browser::Screen;
use harness::host::{Host, Options};
use harness::{HttpWeb, MemoryWeb, Web, World, product};
use host::FetchFailed;
use tempfile::TempDir;
use vendors::{Kind, Vendor};

/// Accounts that anybody can make need a rule, and several providers a word on the callback.
pub(in crate::flows) const EVERYBODY: &str = "
default_provider = \"none\"
[provider.github]
allow = \"anyone\"
[provider.google]
allow = \"anyone\"
[provider.oauth2]
allow = \"anyone\"
[provider.slack]
allow = \"anyone\"
";

/// Vendors, by their ids.
pub(in crate::flows) struct Vendors(BTreeMap<&'static str, Arc<Vendor>>);

impl Vendors {
    /// One of each kind.
    pub(in crate::flows) fn all() -> Self {
        // Both kinds of Descope application share a variable that turns one of them off.
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| kind.id() != "descope-federated");
        Self::of(kinds)
    }

    pub(in crate::flows) fn of(kinds: impl IntoIterator<Item = Kind>) -> Self {
        let start = |kind: Kind| (kind.id(), Arc::new(Vendor::start(kind)));
        Self(kinds.into_iter().map(start).collect())
    }

    pub(in crate::flows) fn at(&self, id: &str) -> &Vendor {
        &self.0[id]
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.0
            .values()
            .flat_map(|vendor| vendor.variables())
            .collect()
    }
}

/// postern.toml with more in it.
pub(in crate::flows) fn written(more: &str) -> String {
    // What has no table of its own comes first.
    format!("{more}\n{}", include_str!("../../../postern.toml"))
}

/// The product in memory, on a network of these vendors.
pub(in crate::flows) async fn in_memory(
    vendors: Vendors,
    more: &str,
    changed: &[(&str, &str)],
) -> (World<MemoryWeb>, Vendors) {
    let variables = vendors.variables();
    let mut variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    variables.extend(changed);
    let web = MemoryWeb::operated(&variables, &written(more)).await;
    web.host().set_now(machine_time(&web));
    let places: Vec<Arc<Vendor>> = vendors.0.values().cloned().collect();
    web.host().connect_to(Rc::new(move |request| {
        let authority = request.uri().authority().map(ToString::to_string);
        let vendor = places
            .iter()
            .find(|vendor| authority.as_deref() == Some(vendor.authority()));
        let answer = vendor.map(|vendor| vendor.answer(request));
        Box::pin(async move { answer.ok_or(FetchFailed::Unreachable) })
    }));
    (World::new(web).await, vendors)
}

/// Vendors have this machine's clock.
fn machine_time(_: &MemoryWeb) -> oauth::Timestamp {
    HttpWeb::new("http://localhost").now()
}

/// A host on which every provider is on.
pub(in crate::flows) struct Staged {
    pub(in crate::flows) vendors: Vendors,
    pub(in crate::flows) host: Host,
    _folder: TempDir,
}

impl Staged {
    pub(in crate::flows) fn start(
        vendors: Vendors,
        more: &str,
        changed: impl FnOnce(Options) -> Options,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let mut trust = String::new();
        for (id, vendor) in &vendors.0 {
            let certificate = folder.path().join(format!("{id}.pem"));
            std::fs::write(&certificate, vendor.certificate()).unwrap();
            write!(
                trust,
                "[[client_tls]]\ncomponent_ids = [\"login-{id}\"]\nhosts = [\"localhost\"]\n\
                 ca_roots_file = {certificate:?}\n"
            )
            .unwrap();
        }
        let options = product::options_of(manifest(folder.path(), &written(more)));
        let options = vendors
            .variables()
            .into_iter()
            .fold(options.runtime_config(trust), |options, (name, value)| {
                options.variable(name, value)
            });
        Self {
            host: super::super::start(&changed(options)),
            vendors,
            _folder: folder,
        }
    }

    pub(in crate::flows) async fn world(&self) -> World<HttpWeb> {
        World::new(super::super::web(&self.host)).await
    }
}

/// The product with another postern.toml.
fn manifest(folder: &Path, written: &str) -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = include_str!("../../../spin.toml")
        .replace("\"target/", &format!("\"{}/target/", root.display()));
    std::fs::write(folder.join("postern.toml"), written).unwrap();
    let path = folder.join("spin.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// From the client's request to wherever the browser ends, by way of a vendor.
pub(in crate::flows) async fn by_way_of<W: Web>(
    world: &World<W>,
    vendor: &Vendor,
    id: &str,
) -> Screen {
    let there = to_vendor(world, id).await;
    back(world, vendor, &there).await
}

/// To the vendor's door.
pub(in crate::flows) async fn to_vendor<W: Web>(world: &World<W>, id: &str) -> Screen {
    let consent = world.ask().await;
    let form = consent.form("/consent");
    world
        .browser
        .submit(&world.web, &form, ("provider", id))
        .await
}

/// Through it, and back.
pub(in crate::flows) async fn back<W: Web>(
    world: &World<W>,
    vendor: &Vendor,
    there: &Screen,
) -> Screen {
    let answer = vendor.visit(there.url.as_str());
    let location = answer.headers().get(http::header::LOCATION);
    let location = location.unwrap_or_else(|| panic!("{there:?}: {answer:?}"));
    world
        .browser
        .open(&world.web, location.to_str().unwrap())
        .await
}
