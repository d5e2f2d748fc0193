//! What is measured.
//!
//! *Invariant:* all cases speak to one process.

use std::time::Duration;

use bytes::Bytes;
use harness::client;
use http::{Request, Uri};
use serde_json::{Value, json};

use crate::application::{Application, EMPTY, HOP};
use crate::flow::Flows;
use crate::load::Load;
use crate::measure::{Measured, Process, Unmeasured};

pub(crate) const EMPTY_COMPONENT: &str = "empty component";
pub(crate) const BARE_HOP: &str = "bare chained hop";
pub(crate) const SERVER_HOP: &str = "the same to the MCP server";
pub(crate) const DISCOVER: &str = "server/discover with a token";
pub(crate) const COMPOSED: &str = "tools/call add (composed)";
pub(crate) const CHAINED: &str = "tools/call echo (chained)";
pub(crate) const SIGN_IN: &str = "sign-in, one at a time";
pub(crate) const PROVIDER: &str = "sign-in by OIDC with RS256";
pub(crate) const REFRESH: &str = "refresh, one at a time";

/// The cases, in the order of the table.
pub(crate) const ALL: [&str; 9] = [
    EMPTY_COMPONENT,
    BARE_HOP,
    SERVER_HOP,
    DISCOVER,
    COMPOSED,
    CHAINED,
    SIGN_IN,
    PROVIDER,
    REFRESH,
];

/// All of them on one process.
pub(crate) struct Cases<'a> {
    loads: Vec<Load>,
    flows: Flows<'a>,
}

impl<'a> Cases<'a> {
    /// Every case, having answered once.
    pub(crate) async fn new(application: &'a Application) -> Result<Self, Unmeasured> {
        let address = application.host().address();
        // The name a person's browser would have: the token is for it alone.
        let authority = format!("localhost:{}", address.port());
        let issuer = format!("http://{authority}");
        let (flows, tokens) = Flows::new(issuer, application.vendor()).await;
        let mut loads = Vec::new();
        for (name, request, expected) in requests(&tokens.access)? {
            loads.push(Load::new(name, address, (&authority, request), expected).await?);
        }
        Ok(Self { loads, flows })
    }

    /// Measures each for a while.
    pub(crate) async fn round(
        &mut self,
        process: &Process,
        time: Duration,
    ) -> Result<Vec<(&'static str, Measured)>, Unmeasured> {
        let mut found = Vec::new();
        for load in &self.loads {
            let turn = process.begin(time);
            let latencies = load.during(turn).await?;
            found.push((load.name(), process.end(turn, latencies)));
        }
        let turn = process.begin(time);
        let latencies = self.flows.sign_in(turn).await?;
        found.push((SIGN_IN, process.end(turn, latencies)));
        let turn = process.begin(time);
        let latencies = self.flows.by_provider(turn).await?;
        found.push((PROVIDER, process.end(turn, latencies)));
        let turn = process.begin(time);
        let latencies = self.flows.refresh(turn).await?;
        found.push((REFRESH, process.end(turn, latencies)));
        Ok(found)
    }
}

/// A case, what it asks again and again, and what the answer must say.
type Asked = (&'static str, Request<Bytes>, &'static str);

/// All that is asked with the token of one person.
fn requests(token: &str) -> Result<[Asked; 6], Unmeasured> {
    let get = |path: &str| {
        let request = Request::get(path).body(Bytes::new());
        request.map_err(Unmeasured::Request)
    };
    let discover = client::message(token, "server/discover", json!({}));
    let call = |name: &str, arguments: Value| {
        let params = json!({"name": name, "arguments": arguments});
        client::message(token, "tools/call", params)
    };
    let add = call("toolbox_add", json!({"a": 23, "b": 19}));
    let echo = |name| call(name, json!({"said": "hello"}));
    // What the gateway makes of a call, without the gateway.
    let mut hopping = echo("echo");
    *hopping.uri_mut() = Uri::from_static(HOP);
    Ok([
        (EMPTY_COMPONENT, get(EMPTY)?, ""),
        (BARE_HOP, get(HOP)?, ""),
        (SERVER_HOP, hopping, "hello"),
        (DISCOVER, discover, "2026-07-28"),
        (COMPOSED, add, "42"),
        (CHAINED, echo("probe_echo"), "hello"),
    ])
}
