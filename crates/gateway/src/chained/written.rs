//! Bodies of requests to servers: a client's, written anew, and our own.
//!
//! *Invariant:* nothing is made up for a legacy client: what it can do is what it said when it
//! began, and nothing where nobody could be asked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use mcp::{ClientCapabilities, ClientInfo, Era, Method, Revision};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::Passing;
use crate::conversation::UNSAID;
use crate::exchange::Exchange;
use crate::relay::Reply;
use crate::settings::SERVER;

/// The id of our own requests: each has an answer of its own.
pub(super) const OWN_ID: u8 = 1;

type Members<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

#[derive(Serialize)]
struct Wire<'a, I> {
    jsonrpc: &'static str,
    id: I,
    method: &'static str,
    params: &'a Members<'a>,
}

impl<I: Serialize> Wire<'_, I> {
    fn body(&self) -> Option<Bytes> {
        serde_json::to_vec(self).ok().map(Bytes::from)
    }
}

/// A client's request with the server's own names, and the metadata that its era needs.
pub(super) fn anew<H>(exchange: &Exchange<'_, H>, passing: &Passing<'_>) -> Option<Bytes> {
    let said = passing.request.params;
    let mut params: Members<'_> = match said.raw {
        Some(raw) => serde_json::from_str(raw.get()).ok()?,
        None => Members::new(),
    };
    for (key, value) in &passing.changed {
        params.insert((*key).into(), Cow::Borrowed(value));
    }
    if passing.era == Era::Legacy {
        let meta = of_client(exchange, said.meta.raw)?;
        params.insert("_meta".into(), Cow::Owned(meta));
    }
    if let Some(resumed) = &exchange.resumed {
        let responses = to_raw_value(&resumed.responses).ok()?;
        params.insert("inputResponses".into(), Cow::Owned(responses));
        if let Some(state) = &resumed.state {
            params.insert("requestState".into(), Cow::Borrowed(state));
        }
    }
    let wire = Wire {
        jsonrpc: "2.0",
        id: passing.request.id,
        method: passing.method.as_str(),
        params: &params,
    };
    wire.body()
}

/// A request of our own, perhaps for a further page.
pub(super) fn own(method: Method, cursor: Option<&RawValue>) -> Option<Bytes> {
    let mut params = Members::from([("_meta".into(), Cow::Owned(of_ours()?))]);
    if let Some(cursor) = cursor {
        params.insert("cursor".into(), Cow::Borrowed(cursor));
    }
    let wire = Wire {
        jsonrpc: "2.0",
        id: OWN_ID,
        method: method.as_str(),
        params: &params,
    };
    wire.body()
}

/// The entries of a list in a result.
pub(super) fn entries(result: &RawValue, key: &str) -> Option<Vec<Box<RawValue>>> {
    let members: Members<'_> = serde_json::from_str(result.get()).ok()?;
    serde_json::from_str(members.get(key)?.get()).ok()
}

/// What the modern era says in every request, over what a legacy client said in `_meta`.
fn of_client<H>(exchange: &Exchange<'_, H>, legacy: Option<&RawValue>) -> Option<Box<RawValue>> {
    let said = legacy.map(|raw| serde_json::from_str(raw.get()));
    let mut meta: Members<'_> = said.transpose().ok()?.unwrap_or_default();
    let conversation = exchange.conversation.as_ref();
    let client = conversation.map(|conversation| &conversation.client);
    // Where nothing can be said before an answer, nobody can be asked, and nothing logged.
    let speaking = !matches!(exchange.reply, Reply::Whole);
    let can = client.map(|client| &client.capabilities);
    let info = client.and_then(|client| client.info.as_ref());
    say(&mut meta, can.filter(|_| speaking), info)?;
    if speaking {
        let level = conversation.map_or(UNSAID, |conversation| conversation.level);
        let level = to_raw_value(&level).ok()?;
        meta.insert("io.modelcontextprotocol/logLevel".into(), Cow::Owned(level));
    }
    to_raw_value(&meta).ok()
}

/// What we say of ourselves.
fn of_ours() -> Option<Box<RawValue>> {
    let mut meta = Members::new();
    say(&mut meta, None, None)?;
    to_raw_value(&meta).ok()
}

/// What every request says.
fn say(
    meta: &mut Members<'_>,
    can: Option<&ClientCapabilities>,
    info: Option<&ClientInfo>,
) -> Option<()> {
    let can = to_raw_value(can.unwrap_or(&ClientCapabilities::default()));
    let info = info.map_or_else(|| to_raw_value(&SERVER), to_raw_value);
    for (key, value) in [
        (
            "io.modelcontextprotocol/protocolVersion",
            to_raw_value(&Revision::V2026_07_28),
        ),
        ("io.modelcontextprotocol/clientCapabilities", can),
        ("io.modelcontextprotocol/clientInfo", info),
    ] {
        meta.insert(key.into(), Cow::Owned(value.ok()?));
    }
    Some(())
}
