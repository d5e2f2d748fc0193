//! Private: what is at an address that a client gave, fetched for the components that ask.
//!
//! *Invariant:* whoever asks, nothing is fetched but a small JSON document from a host that this
//! component itself finds public or listed; it holds no store and no secret.

use bytes::Bytes;
use host::{Audit, Event, Fetch, FetchFailed, FetchLimits, Variables};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode};
use oauth::client_document::{DocumentHosts, DocumentUrl, FetchRefused, Kind, check_head};
use oauth::{ErrorCode, WireError};

use crate::answer;
use crate::settings::{self, SettingsRefused};

/// What the component `client-documents` holds.
#[derive(Debug)]
pub struct Settings {
    hosts: DocumentHosts,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            hosts: settings::document_hosts(host).await?,
        })
    }
}

/// Answers one request.
pub async fn handle<H: Audit + Fetch>(
    host: &H,
    settings: &Settings,
    request: Request<Bytes>,
) -> Response<Bytes> {
    let Some(kind) = documents::kind_of(request.uri().path()) else {
        let error = WireError::new(
            ErrorCode::InvalidRequest,
            &"nothing is fetched for this path",
        );
        return answer::json(StatusCode::NOT_FOUND, &error);
    };
    match fetch(host, settings, kind, request.body()).await {
        Ok(answer) => answer,
        Err(reason) => {
            host.record(Event::new("client_document.unfetched").because(&reason));
            answer::json(StatusCode::BAD_GATEWAY, &reason)
        }
    }
}

async fn fetch<H: Fetch>(
    host: &H,
    settings: &Settings,
    kind: Kind,
    url: &Bytes,
) -> Result<Response<Bytes>, FetchRefused> {
    let url = std::str::from_utf8(url).map_err(|_| FetchRefused::Blocked)?;
    // The manifest's `https://*` also reaches this application's own components, and addresses.
    let url = DocumentUrl::parse(url, &settings.hosts).map_err(|_| FetchRefused::Blocked)?;
    let request = Request::get(url.as_str())
        .header(ACCEPT, "application/json")
        // Some sites turn away whoever does not say what they are.
        .header(USER_AGENT, "postern")
        .body(Bytes::new())
        .map_err(|_| FetchRefused::Blocked)?;
    let limits = FetchLimits {
        bytes: kind.limit(),
        patience: Kind::PATIENCE,
    };
    let mut checked = Ok(());
    let fetched = host.fetch(request, limits, |head| {
        checked = check_head(head.status, &head.headers);
        checked.is_ok()
    });
    let (head, body) = fetched.await.map_err(refused)?.into_parts();
    checked?;
    if std::str::from_utf8(&body).is_err() {
        return Err(FetchRefused::Encoding);
    }
    let mut answer = Response::new(body);
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    for directive in head.headers.get_all(CACHE_CONTROL) {
        answer
            .headers_mut()
            .append(CACHE_CONTROL, directive.clone());
    }
    Ok(answer)
}

const fn refused(failed: FetchFailed) -> FetchRefused {
    match failed {
        FetchFailed::Blocked => FetchRefused::Blocked,
        FetchFailed::Slow => FetchRefused::Slow,
        FetchFailed::TooLarge => FetchRefused::Size,
        FetchFailed::Unreachable => FetchRefused::Unreachable,
    }
}
