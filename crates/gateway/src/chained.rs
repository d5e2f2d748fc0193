//! Servers that are components of their own, asked over HTTP in revision 2026-07-28.
//!
//! *Invariant:* a request to a server is made from nothing: of the client's headers only trace
//! context and tool parameters go along, so neither its token nor a forwarding header can.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use host::{Clock, Forwarded, Servers};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use mcp::{
    ClientCapabilities, Era, InputRequired, Refused, Reply, ReplyRefused, Request, Revision,
    ToolEntry, results,
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::assertion;
use crate::conversation::UNSAID;
use crate::exchange::Exchange;
use crate::message::{READ_LIMIT, Said};
use crate::relay::{Begun, Leg, Reply as Where, media_type};
use crate::settings::SERVER;

/// A server, by the name an operator gave it and the component that it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) server: &'a str,
    pub(crate) component: &'a str,
}

/// No server has more pages of tools.
const MOST_PAGES: usize = 16;

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

type Members<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

#[derive(Serialize)]
struct Wire<'a, I> {
    jsonrpc: &'static str,
    id: I,
    method: &'static str,
    params: &'a Members<'a>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
    #[serde(rename = "nextCursor", borrow)]
    next_cursor: Option<&'a RawValue>,
}

impl Target<'_> {
    fn failed(self, reason: &'static str) -> Refused {
        Refused::ServerFailed {
            server: self.server.to_owned(),
            reason,
        }
    }

    /// What the server says goes on, or has more to it than a response.
    fn relayed<F>(self, request: &Request<'_>, said: Begun<F>) -> Result<Said<F>, Refused> {
        let leg = Leg::new(self.server, request.id, said);
        leg.map(Said::Relayed)
            .ok_or_else(|| self.failed("could not be asked"))
    }

    fn answered(self, reason: ReplyRefused) -> Refused {
        self.failed(match reason {
            ReplyRefused::Incomplete => "asks for input that this client's revision cannot give",
            ReplyRefused::Malformed => "answered with something that is no JSON-RPC response",
            ReplyRefused::OtherId => "answered another request than it was asked",
        })
    }
}

/// Calls a tool by the name its server has for it, and passes the answer on.
pub(crate) async fn call<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    (request, tool): (&Request<'_>, &str),
    era: Era,
) -> Result<Said<H::Forwarded>, Refused> {
    let same_name = request.params.name().is_some_and(|name| name == tool);
    let body = if era == Era::Modern && same_name {
        exchange.body.clone()
    } else {
        rewritten(exchange, request, (tool, era))
            .ok_or_else(|| target.failed("could not be asked"))?
    };
    let asked = asked(exchange, target, ("tools/call", Some(tool)), body)?;
    if let Where::Onto(_) = exchange.reply {
        let asked = Begun::Asked(target.component.to_owned(), asked);
        return target.relayed(request, asked);
    }
    let answer = exchange.host.forward(target.component, asked).await;
    let answer = answer.map_err(|_| target.failed("does not answer"))?;
    pass_on(target, request, era, answer).await
}

/// The tools of a server, under their public names; those that clients could not use are left out.
pub(crate) async fn list<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    public_name: impl Fn(&str) -> String,
) -> Result<Vec<ToolEntry>, Refused> {
    let mut entries: Vec<ToolEntry> = Vec::new();
    let mut cursor: Option<Box<RawValue>> = None;
    for _ in 0..MOST_PAGES {
        let body =
            page(exchange, cursor.as_deref()).ok_or_else(|| target.failed("could not be asked"))?;
        let answer = ask(exchange, target, ("tools/list", None), body).await?;
        let bytes = whole(target, answer).await?;
        let id = RawValue::from_string("1".to_owned())
            .map_err(|_| target.failed("could not be asked"))?;
        let id = mcp::RequestId::read(&id).ok_or_else(|| target.failed("could not be asked"))?;
        let reply = Reply::read(&bytes, id).map_err(|reason| target.answered(reason))?;
        let Reply::Result(result) = reply else {
            return Err(target.failed("does not list its tools"));
        };
        let page: Page<'_> = serde_json::from_str(result.get())
            .map_err(|_| target.failed("answered with something that is no list of tools"))?;
        for tool in page.tools {
            if let Ok(entry) = ToolEntry::read(tool, &public_name)
                && !entries.iter().any(|other| other.name() == entry.name())
            {
                entries.push(entry);
            }
        }
        cursor = page.next_cursor.map(ToOwned::to_owned);
        if cursor.is_none() {
            return Ok(entries);
        }
    }
    Err(target.failed("has more pages of tools than anybody needs"))
}

async fn ask<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    what: (&'static str, Option<&str>),
    body: Bytes,
) -> Result<H::Forwarded, Refused> {
    let asked = asked(exchange, target, what, body)?;
    let answer = exchange.host.forward(target.component, asked).await;
    answer.map_err(|_| target.failed("does not answer"))
}

/// What a server is asked.
fn asked<H: Clock>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    (method, tool): (&'static str, Option<&str>),
    body: Bytes,
) -> Result<http::Request<Bytes>, Refused> {
    let settings = exchange.settings;
    let now = exchange.host.now();
    let assertion = assertion::for_component(
        settings,
        exchange.server,
        exchange.caller,
        target.component,
        now,
    );
    let assertion = assertion.ok_or_else(|| target.failed("cannot be told who calls"))?;
    let headers = head(exchange.headers, &assertion, method, tool);
    let mut request = http::Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_static("/mcp");
    *request.headers_mut() = headers.ok_or_else(|| target.failed("could not be asked"))?;
    Ok(request)
}

fn head(
    asked: &HeaderMap,
    assertion: &str,
    method: &'static str,
    tool: Option<&str>,
) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in asked {
        let along = matches!(name.as_str(), "traceparent" | "tracestate" | "baggage");
        if along || name.as_str().starts_with("mcp-param-") {
            headers.append(name.clone(), value.clone());
        }
    }
    let mut bearer = HeaderValue::from_str(&format!("Bearer {assertion}")).ok()?;
    bearer.set_sensitive(true);
    headers.insert(AUTHORIZATION, bearer);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accept = HeaderValue::from_static("application/json, text/event-stream");
    headers.insert(ACCEPT, accept);
    headers.insert(
        VERSION,
        HeaderValue::from_static(Revision::V2026_07_28.as_str()),
    );
    headers.insert(METHOD, HeaderValue::from_static(method));
    if let Some(tool) = tool {
        headers.insert(NAME, mcp::encode_name(tool)?);
    }
    Some(headers)
}

/// The request with the server's own name of the tool, and the metadata that its era needs.
fn rewritten<H>(
    exchange: &Exchange<'_, H>,
    request: &Request<'_>,
    (tool, era): (&str, Era),
) -> Option<Bytes> {
    let mut params: Members<'_> = serde_json::from_str(request.params.raw?.get()).ok()?;
    params.insert("name".into(), Cow::Owned(to_raw_value(tool).ok()?));
    if era == Era::Legacy {
        let meta = request.params.meta.raw;
        params.insert("_meta".into(), Cow::Owned(modern_meta(exchange, meta)?));
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
        id: request.id,
        method: "tools/call",
        params: &params,
    };
    serde_json::to_vec(&wire).ok().map(Bytes::from)
}

fn page<H>(exchange: &Exchange<'_, H>, cursor: Option<&RawValue>) -> Option<Bytes> {
    let mut params = Members::from([("_meta".into(), Cow::Owned(modern_meta(exchange, None)?))]);
    if let Some(cursor) = cursor {
        params.insert("cursor".into(), Cow::Borrowed(cursor));
    }
    let wire = Wire {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/list",
        params: &params,
    };
    serde_json::to_vec(&wire).ok().map(Bytes::from)
}

/// What the modern era says in every request, over what a legacy client said in `_meta`.
fn modern_meta<H>(exchange: &Exchange<'_, H>, legacy: Option<&RawValue>) -> Option<Box<RawValue>> {
    let said = legacy.map(|raw| serde_json::from_str(raw.get()));
    let mut meta: Members<'_> = said.transpose().ok()?.unwrap_or_default();
    let mut say = |key: &'static str, value: Box<RawValue>| {
        meta.insert(key.into(), Cow::Owned(value));
    };
    say(
        "io.modelcontextprotocol/protocolVersion",
        to_raw_value(&Revision::V2026_07_28).ok()?,
    );
    // Where nothing can be said before an answer, nobody can be asked, and nothing logged.
    let speaking = !matches!(exchange.reply, Where::Whole);
    let conversation = exchange.conversation.as_ref();
    let client = conversation.map(|conversation| &conversation.client);
    let can = client.map(|client| &client.capabilities);
    let none = ClientCapabilities::default();
    say(
        "io.modelcontextprotocol/clientCapabilities",
        to_raw_value(can.filter(|_| speaking).unwrap_or(&none)).ok()?,
    );
    let info = client.and_then(|client| client.info.as_ref());
    let info = info.map_or_else(|| to_raw_value(&SERVER), to_raw_value);
    say("io.modelcontextprotocol/clientInfo", info.ok()?);
    if speaking {
        let level = conversation.map_or(UNSAID, |conversation| conversation.level);
        say(
            "io.modelcontextprotocol/logLevel",
            to_raw_value(&level).ok()?,
        );
    }
    to_raw_value(&meta).ok()
}

async fn pass_on<F: Forwarded>(
    target: Target<'_>,
    request: &Request<'_>,
    era: Era,
    answer: F,
) -> Result<Said<F>, Refused> {
    let status = answer.status();
    // A cookie or a challenge of a server's would speak in our name, so such an answer is read.
    let raw = status == StatusCode::OK && answer.header(&SET_COOKIE).is_none();
    if era == Era::Modern && raw && is_message(&answer) {
        return Ok(Said::Forwarded(answer));
    }
    let streams = media_type(&answer).as_deref() == Some("text/event-stream");
    if era == Era::Legacy && status == StatusCode::OK && streams {
        return target.relayed(request, Begun::Answers(answer));
    }
    let bytes = whole(target, answer).await?;
    let reply = Reply::read(&bytes, request.id).map_err(|reason| target.answered(reason))?;
    if let (Reply::Result(result), Era::Legacy) = (reply, era)
        && let Ok(Some(_)) = InputRequired::read(result)
    {
        return target.relayed(request, Begun::Answered(bytes));
    }
    Ok(match (reply, era) {
        (Reply::Error(_), Era::Modern) if is_refusal(status) => {
            Said::Written(status, reply.write(request.id))
        }
        (Reply::Result(result), Era::Legacy) => {
            let result = results::to_legacy(result).map_err(|reason| target.answered(reason))?;
            Said::Written(StatusCode::OK, mcp::result(request.id, &result))
        }
        (Reply::Error(_) | Reply::Result(_), Era::Legacy | Era::Modern) => {
            Said::Written(StatusCode::OK, reply.write(request.id))
        }
    })
}

/// The statuses with which the modern era refuses a message (2026-07-28, Errors).
fn is_refusal(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND)
}

fn is_message(answer: &impl Forwarded) -> bool {
    let kind = media_type(answer);
    matches!(
        kind.as_deref(),
        Some("application/json" | "text/event-stream")
    )
}

/// The body of an answer that has to be read.
async fn whole(target: Target<'_>, answer: impl Forwarded) -> Result<Bytes, Refused> {
    let status = answer.status();
    if status != StatusCode::OK && !is_refusal(status) {
        return Err(target.failed("answered with an error status"));
    }
    if media_type(&answer).as_deref() != Some("application/json") {
        return Err(target.failed("answered with something that is no JSON"));
    }
    let bytes = answer.read(READ_LIMIT).await;
    bytes.map_err(|_| target.failed("broke off its answer, or answered with too much"))
}
