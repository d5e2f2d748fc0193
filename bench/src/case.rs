//! What is measured.
//!
//! *Invariant:* all cases speak to one process.

use bytes::Bytes;
use harness::{HttpWeb, World, client};
use http::Request;
use serde_json::json;

use crate::application::{Application, EMPTY, HOP};
use crate::flow::{Refresh, SignIn};
use crate::load::Load;
use crate::measure::{Measured, Process, Unmeasured};

pub(crate) const EMPTY_COMPONENT: &str = "empty component";
pub(crate) const BARE_HOP: &str = "bare chained hop";
pub(crate) const DISCOVER: &str = "server/discover with a token";
pub(crate) const COMPOSED: &str = "tools/call add (composed)";
pub(crate) const CHAINED: &str = "tools/call echo (chained)";
pub(crate) const SIGN_IN: &str = "sign-in, one at a time";
pub(crate) const REFRESH: &str = "refresh, one at a time";

/// The cases, in the order of the table.
pub(crate) const ALL: [&str; 7] = [
    EMPTY_COMPONENT,
    BARE_HOP,
    DISCOVER,
    COMPOSED,
    CHAINED,
    SIGN_IN,
    REFRESH,
];

/// One of them.
pub(crate) enum Case {
    Load(Load),
    Refresh(Refresh),
    SignIn(SignIn),
}

impl Case {
    /// Every case, having answered once.
    pub(crate) async fn all(application: &Application) -> Result<Vec<Self>, Unmeasured> {
        let address = application.host().address();
        // The name a person's browser would have: the token is for it alone.
        let authority = format!("localhost:{}", address.port());
        let world = World::new(HttpWeb::new(format!("http://{authority}"))).await;
        let tokens = world.tokens("ada").await;
        let get = |path: &str| {
            Request::get(path)
                .body(Bytes::new())
                .map_err(Unmeasured::Request)
        };
        let mcp = |method: &str, params| client::message(&tokens.access, method, params);
        let call = |name: &str, arguments| {
            mcp("tools/call", json!({"name": name, "arguments": arguments}))
        };
        let loads = [
            (EMPTY_COMPONENT, get(EMPTY)?, ""),
            (BARE_HOP, get(HOP)?, ""),
            (DISCOVER, mcp("server/discover", json!({})), "2026-07-28"),
            (
                COMPOSED,
                call("toolbox_add", json!({"a": 23, "b": 19})),
                "42",
            ),
            (
                CHAINED,
                call("probe_echo", json!({"said": "hello"})),
                "hello",
            ),
        ];
        let mut cases = Vec::new();
        for (name, request, expected) in loads {
            let load = Load::new(name, address, (&authority, request), expected).await?;
            cases.push(Self::Load(load));
        }
        cases.push(Self::Refresh(Refresh::new(&world, tokens)));
        cases.push(Self::SignIn(SignIn::new(world)));
        Ok(cases)
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Load(load) => load.name(),
            Self::Refresh(_) => REFRESH,
            Self::SignIn(_) => SIGN_IN,
        }
    }

    /// Measures it for a while.
    pub(crate) async fn turn(
        &mut self,
        process: &Process,
        time: std::time::Duration,
    ) -> Result<Measured, Unmeasured> {
        let turn = process.begin(time);
        let latencies = match self {
            Self::Load(load) => load.during(turn).await,
            Self::Refresh(refresh) => refresh.during(turn).await,
            Self::SignIn(sign_in) => sign_in.during(turn).await,
        };
        Ok(process.end(turn, latencies?))
    }
}
