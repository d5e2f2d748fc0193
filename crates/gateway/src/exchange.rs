//! What is known of a request once its caller is.
//!
//! *Invariant:* there is no exchange without a verified caller.

use bytes::Bytes;
use http::HeaderMap;
use mcp::McpHeaders;
use oauth::{Resource, ServerIdentity};

use crate::conversation::Conversation;
use crate::credentials::Authenticated;
use crate::questions::Resumed;
use crate::relay::Reply;
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
    /// The session that the request belongs to, and its client.
    pub(crate) conversation: Option<Conversation>,
    /// How the client hears of what it asked for.
    pub(crate) reply: Reply,
    /// What a call is made anew with.
    pub(crate) resumed: Option<Resumed>,
}

impl<H> Exchange<'_, H> {
    /// The headers of the protocol.
    pub(crate) fn mcp_headers(&self) -> McpHeaders<'_> {
        let conversation = self.conversation.as_ref();
        let revision = conversation.map(|conversation| conversation.session.revision());
        McpHeaders::read(self.headers).in_session(revision)
    }
}
