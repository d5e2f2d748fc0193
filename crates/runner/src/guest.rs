//! What one instance of a component owns, and what its component was granted.
//!
//! *Invariant:* a grant comes from the manifest and the runtime configuration, never from a guest.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Weak},
};

use http::HeaderName;
use tempfile::TempDir;
use wasmtime::{StoreLimits, StoreLimitsBuilder, component::ResourceTable};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtx,
    WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::{
    allowed_hosts::AllowedHost,
    dispatch::Dispatcher,
    key_value::KeyValueFile,
    logs::Logs,
    outbound::{self, Outbound},
};

/// Everything that a component may use.
#[derive(Debug)]
pub(crate) struct Grants {
    pub(crate) component: String,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) stores: HashMap<String, Arc<KeyValueFile>>,
    pub(crate) databases: HashMap<String, Arc<Path>>,
    pub(crate) allowed_hosts: Vec<AllowedHost>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) files: Option<TempDir>,
    pub(crate) logs: Logs,
    pub(crate) max_memory: Option<usize>,
}

/// The data of one store: one instance of one component.
pub(crate) struct Guest {
    pub(crate) grants: Arc<Grants>,
    pub(crate) table: ResourceTable,
    pub(crate) limits: StoreLimits,
    pub(crate) open_stores: u32,
    pub(crate) open_connections: u32,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    inbound: Inbound,
}

impl Guest {
    /// Prepares the data of a new instance.
    pub(crate) fn new(grants: Arc<Grants>, dispatcher: Weak<Dispatcher>) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtx::builder();
        wasi.envs(&grants.environment)
            .stdout(grants.logs.stdout.clone())
            .stderr(grants.logs.stderr.clone());
        if let Some(files) = &grants.files {
            wasi.preopened_dir(files.path(), "/", FsPerms::ReadOnly)?;
        }
        let limits = StoreLimitsBuilder::new();
        let limits = match grants.max_memory {
            Some(bytes) => limits.memory_size(bytes),
            None => limits,
        };
        Ok(Self {
            table: ResourceTable::new(),
            limits: limits.build(),
            open_stores: 0,
            open_connections: 0,
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound: Outbound::new(grants.clone(), dispatcher),
            inbound: Inbound,
            grants,
        })
    }

    /// The view for requests that come in: unlike those that go out, they show their `Host`.
    pub(crate) fn incoming(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.inbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// The hooks of incoming requests.
#[derive(Debug)]
struct Inbound;

impl WasiHttpHooks for Inbound {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        let forbidden = |name: &HeaderName| {
            name != http::header::HOST && DEFAULT_FORBIDDEN_HEADERS.contains(name)
        };
        Arc::new(forbidden)
    }

    fn send_request(
        &mut self,
        _: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> outbound::Sending {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}
