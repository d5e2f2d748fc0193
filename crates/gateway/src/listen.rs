//! `subscriptions/listen`: the stream of the one server that has changes to tell.
//!
//! *Invariant:* whoever may not have a server's resources hears nothing of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use host::{Audit, Clock, Servers, Streams};
use mcp::{Era, Method, Refused, Request};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::chained::{self, Passing};
use crate::exchange::Exchange;
use crate::features;
use crate::message::Said;

const ABOUT_RESOURCES: [&str; 2] = ["resourcesListChanged", "resourceSubscriptions"];

/// Passes the stream on as it comes.
pub(crate) async fn listen<H: Audit + Clock + Servers + Streams>(
    exchange: &Exchange<'_, H>,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, Refused> {
    let offering = features::offering(exchange, Method::Listen).await?;
    let unknown = || Refused::MethodUnknown(Method::Listen.as_str().to_owned());
    let one = features::heard(&offering).ok_or_else(unknown)?;
    let mut passing = Passing::unchanged(request, Method::Listen, Era::Modern);
    if !features::may_read(exchange, one.server) {
        passing
            .changed
            .push(("notifications", without_resources(request)?));
    }
    chained::pass(exchange, one.target, passing).await
}

fn without_resources(request: &Request<'_>) -> Result<Box<RawValue>, Refused> {
    #[derive(Deserialize)]
    struct Listening<'a> {
        #[serde(borrow)]
        notifications: BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>,
    }
    const MALFORMED: Refused = Refused::ParamsMalformed("`params.notifications` must be an object");
    let params = request.params.raw.map_or("{}", RawValue::get);
    let listening: Result<Listening<'_>, _> = serde_json::from_str(params);
    let mut wanted = listening.map_err(|_| MALFORMED)?.notifications;
    wanted.retain(|key, _| !ABOUT_RESOURCES.contains(&key.as_ref()));
    to_raw_value(&wanted).map_err(|_| MALFORMED)
}
