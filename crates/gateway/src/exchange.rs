//! What is known of a request once its caller is.
//!
//! *Invariant:* there is no exchange without a verified caller.

use bytes::Bytes;
use http::HeaderMap;
use mcp::{McpHeaders, Revision};
use oauth::{Resource, ServerIdentity};

use crate::credentials::Authenticated;
use crate::settings::Settings;

/// One request, its caller, and the host that serves it.
#[derive(Debug)]
pub(crate) struct Exchange<'a, H> {
    pub(crate) host: &'a H,
    pub(crate) settings: &'a Settings,
    pub(crate) server: &'a ServerIdentity,
    pub(crate) resource: &'a Resource,
    pub(crate) caller: &'a Authenticated,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    /// The revision of the session that the request belongs to.
    pub(crate) session: Option<Revision>,
}

impl<H> Exchange<'_, H> {
    /// The headers of the protocol.
    pub(crate) fn mcp_headers(&self) -> McpHeaders<'_> {
        McpHeaders::read(self.headers).in_session(self.session)
    }
}
