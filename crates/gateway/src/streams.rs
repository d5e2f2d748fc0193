//! The component that holds streams: it believes the gateway who opens one, tells the client where
//! to post, and hands on whatever mail comes for it.
//!
//! *Invariant:* nobody but the gateway opens a stream, and a stream carries the mail of its own
//! session and person.

mod held;
mod poll;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::{
    Address, Clock, Mailbox, Outlet as _, Questions, Servers, Streamed, Streams, Unavailable,
    VariableRefused, Variables,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use jose::{KeyRefused, VerifyingKeys};
use mcp::event_stream;
use oauth::ServerIdentity;
use oauth::assertion::{Assertion, AssertionRefused};
use serde::{Deserialize, Serialize};

use crate::credentials::Authenticated;
use crate::{answer, assertion};
use held::{Held, Numbered, Stream};

/// Its name, which is the audience of what the gateway says to it.
pub(crate) const COMPONENT: &str = "streams";

/// No request of the gateway's is larger.
pub const BODY_LIMIT: usize = 16 << 10;

/// A reader who is cut off waits so long before it comes back.
const AWAY: Duration = Duration::from_secs(1);

/// What the gateway asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Opening {
    /// The session that the stream is.
    pub(crate) session: String,
    /// How long it may be held.
    pub(crate) milliseconds: u64,
    /// Where its client posts to, where it is told so first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// What is said when it has been held for as long, and its last has not been said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_words: Option<String>,
    /// The number of the last event that its reader has, where it may come back for more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) numbered: Option<u64>,
    /// What is noted of the stream as its holder, where it was taken up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<String>,
}

/// The name of that note.
pub(crate) const HOLDER: &str = "holder";

impl Opening {
    /// A stream of messages alone.
    pub(crate) fn of(address: &Address, lifetime: Duration) -> Self {
        Self {
            session: address.session.clone(),
            milliseconds: u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX),
            endpoint: None,
            last_words: None,
            numbered: None,
            holder: None,
        }
    }
}

/// Has a stream opened for a caller, as the gateway does.
pub(crate) async fn open<H: Clock + Servers>(
    host: &H,
    settings: &crate::Settings,
    (server, caller): (&ServerIdentity, &Authenticated),
    opening: &Opening,
) -> Result<H::Forwarded, Unavailable> {
    let assertion = assertion::for_component(settings, server, caller, COMPONENT, host.now());
    let bearer = format!("Bearer {}", assertion.ok_or(Unavailable)?);
    let body = serde_json::to_vec(opening).map_err(|_| Unavailable)?;
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = http::Method::POST;
    let headers = request.headers_mut();
    let bearer = HeaderValue::try_from(bearer).map_err(|_| Unavailable)?;
    headers.insert(AUTHORIZATION, bearer);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    host.forward(COMPONENT, request).await
}

/// What the component `streams` holds: a key, and the streams of this instance.
#[derive(Debug)]
pub struct Settings<O> {
    assertions: VerifyingKeys<Assertion>,
    held: Arc<Held<O>>,
}

/// Why the component cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum SettingsRefused {
    /// The key is bad.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// The variable is missing, or cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableRefused),
}

#[derive(Debug, thiserror::Error)]
enum OpeningRefused {
    #[error(transparent)]
    Assertion(#[from] AssertionRefused),
    #[error("the request does not say what to open")]
    Malformed,
    #[error("streams are opened by the gateway")]
    Unproven,
}

impl<O> Settings<O> {
    /// Reads the variable.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        let key = host.required("assertion_public_key").await?;
        Ok(Self {
            assertions: VerifyingKeys::parse("assertion_public_key", &key)?,
            held: Arc::default(),
        })
    }
}

/// Opens a stream for the gateway.
pub async fn handle<H>(
    host: &H,
    settings: &Settings<H::Outlet>,
    request: Request<Bytes>,
) -> Streamed<H::Inlet>
where
    H: Clock + Mailbox + Questions + Streams,
{
    let (address, opening) = match asked(settings, &request, host.now()) {
        Ok(asked) => asked,
        Err(refused) => return Streamed::Made(refused.answer()),
    };
    let (outlet, inlet) = host.stream();
    let until = host.now().plus(Duration::from_millis(opening.milliseconds));
    let mut stream = Stream::new(outlet, address, until);
    stream.last_words = opening.last_words;
    stream.numbered = opening.numbered.map(|written| Numbered {
        holder: opening.holder,
        written,
        writing: written,
    });
    let first = match (opening.endpoint, opening.numbered) {
        // The first event of a stream (2024-11-05, Transports, HTTP with SSE).
        (Some(endpoint), _) => event_stream::event("endpoint", &endpoint),
        (None, Some(number)) => event_stream::priming(&stream.event_id(number), AWAY),
        // Where nothing is to be said yet, a client still learns that it has been heard.
        (None, None) => event_stream::KEEP_ALIVE.to_vec(),
    };
    host.spawn(hold(
        host.clone(),
        Arc::clone(&settings.held),
        stream,
        first,
    ));
    Streamed::Open(event_stream::headers(), inlet)
}

/// Begins the stream, and leaves it to the loop that polls for all streams of this instance.
async fn hold<H>(host: H, held: Arc<Held<H::Outlet>>, mut stream: Stream<H::Outlet>, first: Vec<u8>)
where
    H: Clock + Mailbox + Questions + Streams,
{
    if stream.outlet.write(first.into()).await.is_err() {
        if stream.numbered.is_none() {
            // Where that fails, it still ends by its time.
            _ = host.end(&stream.address, stream.until).await;
        }
        return;
    }
    if held.arrive(stream) {
        poll::poll(&host, &held).await;
    }
}

fn asked<O>(
    settings: &Settings<O>,
    request: &Request<Bytes>,
    now: oauth::Timestamp,
) -> Result<(Address, Opening), OpeningRefused> {
    let said = request.headers().get(AUTHORIZATION);
    let said = said.and_then(|value| value.to_str().ok());
    let assertion = said.and_then(|text| text.strip_prefix("Bearer "));
    let assertion = assertion.ok_or(OpeningRefused::Unproven)?;
    let said = Assertion::verify(assertion, &settings.assertions, COMPONENT, now)?;
    let opening: Opening =
        serde_json::from_slice(request.body()).map_err(|_| OpeningRefused::Malformed)?;
    let address = Address {
        session: opening.session.clone(),
        subject: said.into_calling().person.subject,
    };
    Ok((address, opening))
}

impl OpeningRefused {
    /// For the gateway's log: no client sees it.
    fn answer(&self) -> Response<Bytes> {
        let status = match self {
            Self::Assertion(_) | Self::Unproven => StatusCode::FORBIDDEN,
            Self::Malformed => StatusCode::BAD_REQUEST,
        };
        let reason = serde_json::json!({ "error": self.to_string() });
        answer::json(status, reason.to_string().into_bytes())
    }
}
