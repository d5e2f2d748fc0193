//! `GET /callback`: the one callback that providers share, which `state` leads to whose it is.
//!
//! *Invariant:* it opens nothing and decides nothing: the provider's own component asks for the
//! cookie and the state as if the browser had come to it at once.

use bytes::Bytes;
use host::{Answer, Audit, Entropy, Event, Servers, Variables};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use oauth::{FlowId, Identities, Parameters, ServerIdentity, UpstreamState};
use pages::Advice;

use crate::answer;
use crate::settings::{self, SettingsRefused};

/// The path, here and at the provider's component, to which no public route leads.
const PATH: &str = "/callback";
/// Which of our identities the browser came to.
const ISSUER: HeaderName = HeaderName::from_static("postern-issuer");

/// What the component `callback` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
}

impl Settings {
    /// Reads its variables.
    pub async fn read(host: &impl Variables) -> Result<Self, SettingsRefused> {
        Ok(Self {
            identities: settings::identities(host).await?,
        })
    }
}

/// Why a browser's return leads nowhere.
#[derive(Debug, thiserror::Error)]
enum CallbackRefused {
    #[error("the identity provider did not say which sign-in this is: start again")]
    State,
    #[error("signing in is not possible at the moment: reload this page to try again")]
    Unavailable,
}

/// The identity that a request was passed on for, at the path where only components ask.
pub(crate) fn issuer(request: &Request<Bytes>) -> Option<&str> {
    let issuer = request.headers().get(ISSUER).filter(|_| is_shared(request));
    issuer.and_then(|issuer| issuer.to_str().ok())
}

/// Whether a request was passed on from here.
pub(crate) fn is_shared(request: &Request<Bytes>) -> bool {
    request.uri().path() == PATH
}

/// Answers one request.
pub async fn handle<H, B>(
    host: &H,
    settings: &Settings,
    request: Request<B>,
) -> Answer<H::Forwarded>
where
    H: Audit + Entropy + Servers,
{
    // Whatever body a request has is nobody's concern.
    let request = request.map(|_| Bytes::new());
    if *request.method() != Method::GET {
        return Answer::Made(answer::method_not_allowed("GET"));
    }
    let server = match settings.identities.reached(&request) {
        Ok(server) => server,
        Err(reason) => {
            let status = StatusCode::MISDIRECTED_REQUEST;
            return Answer::Made(refuse(host, status, &reason, Advice::TellTheOperator));
        }
    };
    let Some((component, request)) = passed_on(&server, &request) else {
        let (status, reason) = (StatusCode::BAD_REQUEST, CallbackRefused::State);
        return Answer::Made(refuse(host, status, &reason, Advice::StartAgain));
    };
    match host.forward(&component, request).await {
        Ok(answer) => Answer::Forwarded(answer, HeaderMap::new()),
        Err(_) => {
            let (status, reason) = (
                StatusCode::SERVICE_UNAVAILABLE,
                CallbackRefused::Unavailable,
            );
            Answer::Made(refuse(host, status, &reason, Advice::StartAgain))
        }
    }
}

/// The same request for the component of the provider that `state` names.
fn passed_on(
    server: &ServerIdentity,
    request: &Request<Bytes>,
) -> Option<(String, Request<Bytes>)> {
    let query = request.uri().query()?;
    let parameters = Parameters::parse(query.as_bytes()).ok()?;
    let state = UpstreamState::returned(parameters.value("state")?);
    let provider = state
        .provider()
        .filter(|source| providers::is_known(source.as_str()))?;
    let mut passed = Request::get(format!("{PATH}?{query}"))
        .body(Bytes::new())
        .ok()?;
    let headers = passed.headers_mut();
    for cookie in request.headers().get_all(header::COOKIE) {
        headers.append(header::COOKIE, cookie.clone());
    }
    headers.insert(
        ISSUER,
        HeaderValue::from_str(server.issuer().as_str()).ok()?,
    );
    Some((format!("login-{}", provider.as_str()), passed))
}

fn refuse<H: Audit + Entropy>(
    host: &H,
    status: StatusCode,
    reason: &impl ToString,
    advice: Advice,
) -> Response<Bytes> {
    let flow = FlowId::of(&host.random::<16>());
    host.record(Event {
        flow: Some(flow.to_string()),
        ..Event::new("sign_in.refused").because(reason)
    });
    answer::refusal(status, reason, &flow, advice)
}
