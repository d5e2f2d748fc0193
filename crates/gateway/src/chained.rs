//! Servers that are components of their own, asked over HTTP in revision 2026-07-28.
//!
//! *Invariant:* a request to a server is made from nothing: of the client's headers only trace
//! context and mirrored arguments go along, so neither its token nor a forwarding header can.

mod written;

use bytes::Bytes;
use host::{Clock, Forwarded, Servers, Streams};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use mcp::{
    Capabilities, Era, InputRequired, Method, Refused, Reply, ReplyRefused, Request, RequestId,
    Revision, results,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assertion;
use crate::exchange::Exchange;
use crate::message::{READ_LIMIT, Said};
use crate::relay::{self, Begun, Leg, Reply as Where, media_type};

/// A server, by the name an operator gave it and the component that it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) server: &'a str,
    pub(crate) component: &'a str,
}

/// A client's request, as it goes to a server.
#[derive(Debug)]
pub(crate) struct Passing<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) method: Method,
    pub(crate) era: Era,
    /// What it is about, by the server's own name or URI.
    pub(crate) about: Option<&'a str>,
    /// Parameters that are otherwise for the server than for the client.
    pub(crate) changed: Vec<(&'static str, Box<RawValue>)>,
    /// Arguments in headers, where the client's revision has none.
    pub(crate) mirrored: HeaderMap,
}

/// No list of a server has more pages.
const MOST_PAGES: usize = 16;

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

impl Target<'_> {
    pub(crate) fn failed(self, reason: &'static str) -> Refused {
        Refused::ServerFailed {
            server: self.server.to_owned(),
            reason,
        }
    }

    fn unasked(self) -> Refused {
        self.failed("could not be asked")
    }

    /// What the server says goes on, or has more to it than a response.
    fn relayed<F>(self, request: &Request<'_>, said: Begun<F>) -> Result<Said<F>, Refused> {
        let leg = Leg::new(self.server, request.id, said);
        leg.map(Said::Relayed).ok_or_else(|| self.unasked())
    }

    fn answered(self, reason: ReplyRefused) -> Refused {
        self.failed(match reason {
            ReplyRefused::Incomplete => "asks for input that this client's revision cannot give",
            ReplyRefused::Malformed => "answered with something that is no JSON-RPC response",
            ReplyRefused::OtherId => "answered another request than it was asked",
        })
    }
}

impl<'a> Passing<'a> {
    /// A request that the server reads as its client wrote it.
    pub(crate) fn unchanged(request: &'a Request<'a>, method: Method, era: Era) -> Self {
        Self {
            request,
            method,
            era,
            about: None,
            changed: Vec::new(),
            mirrored: HeaderMap::new(),
        }
    }
}

/// Passes a request on, and its answer back.
pub(crate) async fn pass<H: Clock + Servers + Streams>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    passing: Passing<'_>,
) -> Result<Said<H::Forwarded>, Refused> {
    let (request, era) = (passing.request, passing.era);
    let body = if era == Era::Modern && passing.changed.is_empty() {
        exchange.body.clone()
    } else {
        written::anew(exchange, &passing).ok_or_else(|| target.unasked())?
    };
    let mut headers = passing.mirrored;
    if era == Era::Modern {
        let theirs = exchange.headers.iter();
        let theirs = theirs.filter(|(name, _)| name.as_str().starts_with("mcp-param-"));
        headers.extend(theirs.map(|(name, value)| (name.clone(), value.clone())));
    }
    if let Some(about) = passing.about {
        let about = mcp::encode_name(about).ok_or_else(|| target.unasked())?;
        headers.insert(NAME, about);
    }
    let asked = asked(exchange, target, passing.method, (headers, body))?;
    if let Where::Onto(_) = exchange.reply {
        let asked = Begun::Asked(target.component.to_owned(), Box::new(asked));
        return target.relayed(request, asked);
    }
    let answer = if may_take_its_time(exchange) {
        match relay::ask(exchange.host, target.component, asked).await {
            Ok(Begun::Answers(answer)) => Ok(answer),
            Ok(begun) => return target.relayed(request, begun),
            Err(unavailable) => Err(unavailable),
        }
    } else {
        exchange.host.forward(target.component, asked).await
    };
    let answer = answer.map_err(|_| target.failed("does not answer"))?;
    pass_on(target, request, era, answer).await
}

/// Whether a stream is worth having for an answer that is long in coming: its client takes it up
/// again when the connection breaks.
fn may_take_its_time<H>(exchange: &Exchange<'_, H>) -> bool {
    let conversation = exchange.conversation.as_ref();
    let resumes = conversation.is_some_and(|conversation| conversation.session.resumes());
    resumes && matches!(exchange.reply, Where::Here)
}

/// What a server offers; one that does not know the question offers nothing.
pub(crate) async fn discover<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
) -> Result<Capabilities, Refused> {
    let result = own(exchange, target, Method::Discover, None).await?;
    let Some(result) = result else {
        return Ok(Capabilities::default());
    };
    Capabilities::of_discovery(&result).map_err(|reason| target.answered(reason))
}

/// Everything on the list of a server that `method` asks for and that `key` names in its answer.
pub(crate) async fn list<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    (method, key): (Method, &'static str),
) -> Result<Vec<Box<RawValue>>, Refused> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(rename = "nextCursor", borrow)]
        next_cursor: Option<&'a RawValue>,
    }
    let malformed = || target.failed("answered with something that is no list");
    let mut entries = Vec::new();
    let mut cursor: Option<Box<RawValue>> = None;
    for _ in 0..MOST_PAGES {
        let result = own(exchange, target, method, cursor.as_deref()).await?;
        let result = result.ok_or_else(|| target.failed("does not list what it has"))?;
        entries.extend(written::entries(&result, key).ok_or_else(malformed)?);
        let page: Page<'_> = serde_json::from_str(result.get()).map_err(|_| malformed())?;
        cursor = page.next_cursor.map(ToOwned::to_owned);
        if cursor.is_none() {
            return Ok(entries);
        }
    }
    Err(target.failed("has more pages on a list than anybody needs"))
}

/// The result of a request of our own; nothing where the server answers with an error.
async fn own<H: Clock + Servers>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    method: Method,
    cursor: Option<&RawValue>,
) -> Result<Option<Box<RawValue>>, Refused> {
    let body = written::own(method, cursor).ok_or_else(|| target.unasked())?;
    let asked = asked(exchange, target, method, (HeaderMap::new(), body))?;
    let answer = exchange.host.forward(target.component, asked).await;
    let answer = answer.map_err(|_| target.failed("does not answer"))?;
    let bytes = whole(target, answer).await?;
    let id = RawValue::from_string(written::OWN_ID.to_string()).map_err(|_| target.unasked())?;
    let id = RequestId::read(&id).ok_or_else(|| target.unasked())?;
    let reply = Reply::read(&bytes, id).map_err(|reason| target.answered(reason))?;
    Ok(match reply {
        Reply::Result(result) => Some(result.to_owned()),
        Reply::Error(_) => None,
    })
}

/// What a server is asked.
fn asked<H: Clock>(
    exchange: &Exchange<'_, H>,
    target: Target<'_>,
    method: Method,
    (headers, body): (HeaderMap, Bytes),
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
    let mut request = http::Request::new(body);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = Uri::from_static("/mcp");
    *request.headers_mut() = headers;
    let headers = request.headers_mut();
    head(headers, &assertion, method).ok_or_else(|| target.unasked())?;
    for (name, value) in exchange.headers {
        if matches!(name.as_str(), "traceparent" | "tracestate" | "baggage") {
            headers.append(name.clone(), value.clone());
        }
    }
    Ok(request)
}

/// What the head of every request has.
fn head(headers: &mut HeaderMap, assertion: &str, method: Method) -> Option<()> {
    let mut bearer = HeaderValue::from_str(&format!("Bearer {assertion}")).ok()?;
    bearer.set_sensitive(true);
    headers.insert(AUTHORIZATION, bearer);
    for (name, value) in [
        (CONTENT_TYPE, "application/json"),
        (ACCEPT, "application/json, text/event-stream"),
        (VERSION, Revision::V2026_07_28.as_str()),
        (METHOD, method.as_str()),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Some(())
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
    if let Some(uri) = reply.unknown_resource()
        && request.method == Method::ResourcesRead.as_str()
        && era == Era::Legacy
    {
        return Err(Refused::ResourceUnknown(uri));
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
