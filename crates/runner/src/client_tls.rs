//! `[[client_tls]]`: whose certificates some components trust at some hosts.
//!
//! *Invariant:* what an entry trusts, it trusts instead of the public authorities, for the
//! components and hosts that it names and for nobody else.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use serde::Deserialize;

/// An entry, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct ClientTls {
    components: Vec<String>,
    hosts: Vec<String>,
    pub(crate) roots: RootCertStore,
}

/// An entry as it is written, with the keys that are served here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    component_ids: Vec<String>,
    hosts: Vec<String>,
    ca_roots_file: PathBuf,
}

impl Written {
    /// Reads the file that the entry names, relative to `folder`.
    pub(crate) fn settle(self, folder: &Path) -> Result<ClientTls, String> {
        for (key, list) in [
            ("component_ids", &self.component_ids),
            ("hosts", &self.hosts),
        ] {
            if list.is_empty() {
                return Err(format!("[[client_tls]] {key} must name at least one"));
            }
        }
        if let Some(host) = self.hosts.iter().find(|host| host.contains([':', '/'])) {
            return Err(format!(
                "[[client_tls]] hosts: write {host:?} without scheme and port"
            ));
        }
        let path = folder.join(&self.ca_roots_file);
        let refused = |reason: &dyn std::fmt::Display| {
            let file = path.display();
            format!("[[client_tls]] ca_roots_file {file} is no list of PEM certificates: {reason}")
        };
        let mut roots = RootCertStore::empty();
        let certificates =
            CertificateDer::pem_file_iter(&path).map_err(|reason| refused(&reason))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|reason| refused(&reason))?;
            roots.add(certificate).map_err(|reason| refused(&reason))?;
        }
        if roots.is_empty() {
            return Err(refused(&"it holds none"));
        }
        Ok(ClientTls {
            components: self.component_ids,
            hosts: self.hosts,
            roots,
        })
    }
}

impl ClientTls {
    /// Whether this entry is for a request of `component` to `host`.
    pub(crate) fn is_for(&self, component: &str, host: &str) -> bool {
        let named = |list: &[String], name: &str| list.iter().any(|listed| listed == name);
        named(&self.components, component) && named(&self.hosts, host)
    }
}
