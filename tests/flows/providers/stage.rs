//! Every provider of the catalogue at once, each as a fake vendor of its own.
//!
//! *Invariant:* the product is set by the variables that its catalogue names, and knows the fakes by
//! nothing else than the certificates that an operator would add.

mod held;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use harness::browser::Screen;
use harness::host::{Host, Options};
use harness::{HttpWeb, MemoryWeb, Web, World, product};
use host::FetchFailed;
use http::{Request, Response};
use tempfile::TempDir;
use vendors::{Kind, Person, Vendor};

pub(crate) use held::{Stage, aged};

/// Accounts that anybody can make need a rule, and several providers a word on the callback.
pub(crate) const EVERYBODY: &str = "
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
pub(crate) struct Vendors {
    vendors: BTreeMap<&'static str, Vendor>,
    /// Paths that the network in memory does not lead to, and how that shows, if it does.
    cut: Mutex<Option<(&'static str, Option<FetchFailed>)>>,
}

impl Vendors {
    /// One of each kind.
    pub(crate) fn all() -> Self {
        // Both kinds of Descope application share a variable that turns one of them off.
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| kind.id() != "descope-federated");
        Self::of(kinds)
    }

    pub(crate) fn of(kinds: impl IntoIterator<Item = Kind>) -> Self {
        let start = |kind: Kind| (kind.id(), Vendor::start(kind));
        Self {
            vendors: kinds.into_iter().map(start).collect(),
            cut: Mutex::new(None),
        }
    }

    pub(crate) fn at(&self, id: &str) -> &Vendor {
        &self.vendors[id]
    }

    /// Moves the clocks of all of them.
    pub(crate) fn pass(&self, time: Duration) {
        self.vendors.values().for_each(|vendor| vendor.pass(time));
    }

    /// Has requests in memory to paths that end so fail; or none.
    pub(crate) fn cut(&self, cut: Option<(&'static str, FetchFailed)>) {
        self.set_cut(cut.map(|(path, failed)| (path, Some(failed))));
    }

    /// Has them wait for ever.
    pub(crate) fn hang(&self, path: &'static str) {
        self.set_cut(Some((path, None)));
    }

    fn set_cut(&self, cut: Option<(&'static str, Option<FetchFailed>)>) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = cut;
    }

    /// As they were when they started, but for what they remember.
    fn rest(&self) {
        self.cut(None);
        for vendor in self.vendors.values() {
            vendor.behave();
            vendor.person(Person::default());
        }
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.vendors.values().flat_map(Vendor::variables).collect()
    }

    /// What the network in memory answers, if anything.
    fn answer(&self, request: Request<Bytes>) -> Option<Result<Response<Bytes>, FetchFailed>> {
        let cut = *self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((path, failed)) = cut
            && request.uri().path().ends_with(path)
        {
            return failed.map(Err);
        }
        let authority = request.uri().authority().map(ToString::to_string);
        let mut vendors = self.vendors.values();
        let vendor = vendors.find(|vendor| authority.as_deref() == Some(vendor.authority()));
        let answer = vendor.map(|vendor| vendor.answer(request));
        Some(answer.ok_or(FetchFailed::Unreachable))
    }
}

/// postern.toml with more in it.
pub(crate) fn written(more: &str) -> String {
    // What has no table of its own comes first.
    format!("{more}\n{}", include_str!("../../../postern.toml"))
}

/// The product in memory, on a network of these vendors.
pub(crate) async fn in_memory(
    vendors: Vendors,
    more: &str,
    changed: &[(&str, &str)],
) -> (World<MemoryWeb>, Arc<Vendors>) {
    let web = set(&vendors, more, changed).await.unwrap();
    // Vendors have this machine's clock.
    web.host().set_now(HttpWeb::new("http://localhost").now());
    let vendors = Arc::new(vendors);
    let network = Arc::clone(&vendors);
    web.host().connect_to(Rc::new(move |request| {
        let answer = network.answer(request);
        Box::pin(async move {
            // Others have a turn, as while an answer is on its way.
            tokio::task::yield_now().await;
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }));
    (World::new(web).await, vendors)
}

/// The product in memory as these settings have it, or why a component cannot serve.
pub(crate) async fn set(
    vendors: &Vendors,
    more: &str,
    changed: &[(&str, &str)],
) -> Result<MemoryWeb, String> {
    let variables = vendors.variables();
    let mut variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    variables.extend(changed);
    MemoryWeb::set(&variables, &written(more)).await
}

/// A host on which providers are on.
pub(crate) struct Staged {
    pub(crate) vendors: Arc<Vendors>,
    pub(crate) host: Host,
    alone: tokio::sync::Mutex<()>,
    _folder: TempDir,
}

impl Staged {
    pub(crate) fn start(
        vendors: Vendors,
        more: &str,
        changed: impl FnOnce(Options) -> Options,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let options = options(&vendors, more, folder.path());
        Self {
            host: super::super::start(&changed(options)),
            vendors: Arc::new(vendors),
            alone: tokio::sync::Mutex::new(()),
            _folder: folder,
        }
    }

    /// A world on it, as soon as no other story speaks to the same vendors.
    pub(crate) async fn stage(&'static self) -> Stage<HttpWeb> {
        let alone = self.alone.lock().await;
        self.vendors.rest();
        let vendors = Arc::clone(&self.vendors);
        Stage::over_http(self.world().await, (vendors, alone), &self.host)
    }

    /// A world on it; where several stories share a host, see [`stage`](Self::stage).
    pub(crate) async fn world(&self) -> World<HttpWeb> {
        World::new(super::super::web(&self.host)).await
    }
}

/// How a host is started that knows these vendors, with its files in `folder`.
pub(crate) fn options(vendors: &Vendors, more: &str, folder: &Path) -> Options {
    let mut trust = String::new();
    for (id, vendor) in &vendors.vendors {
        let certificate = folder.join(format!("{id}.pem"));
        std::fs::write(&certificate, vendor.certificate()).unwrap();
        write!(
            trust,
            "[[client_tls]]\ncomponent_ids = [\"login-{id}\"]\nhosts = [\"localhost\"]\n\
             ca_roots_file = {certificate:?}\n"
        )
        .unwrap();
    }
    let options = product::options_with_configuration(folder, &written(more));
    vendors
        .variables()
        .into_iter()
        .fold(options.runtime_config(trust), |options, (name, value)| {
            options.variable(name, value)
        })
}

/// From the client's request to wherever the browser ends, by way of a vendor.
pub(crate) async fn by_way_of<W: Web>(world: &World<W>, vendor: &Vendor, id: &str) -> Screen {
    let there = to_vendor(world, id).await;
    back(world, vendor, &there).await
}

/// To the vendor's door.
pub(crate) async fn to_vendor<W: Web>(world: &World<W>, id: &str) -> Screen {
    let consent = world.ask().await;
    choose(world, &consent, id).await
}

/// From the consent page to a vendor's door.
pub(crate) async fn choose<W: Web>(world: &World<W>, consent: &Screen, id: &str) -> Screen {
    let form = consent.form("/consent");
    world
        .browser
        .submit(&world.web, &form, ("provider", id))
        .await
}

/// Where a vendor sends the browser that comes to its door.
pub(crate) fn sent_back(vendor: &Vendor, there: &Screen) -> String {
    let answer = vendor.visit(there.url.as_str());
    let location = answer.headers().get(http::header::LOCATION);
    let location = location.unwrap_or_else(|| panic!("{there:?}: {answer:?}"));
    location.to_str().unwrap().to_owned()
}

/// Through the vendor's door, and back.
pub(crate) async fn back<W: Web>(world: &World<W>, vendor: &Vendor, there: &Screen) -> Screen {
    let location = sent_back(vendor, there);
    world.browser.open(&world.web, &location).await
}
