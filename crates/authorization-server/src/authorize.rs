//! `GET /authorize` and `POST /consent`: who asks, what for, and whether the person agrees.
//!
//! *Invariant:* no provider hears of a request before a person agreed to it here, and nobody is
//! redirected to a place their client did not register.

mod consent;
mod onward;
mod page;
mod remembered;
mod show;

use bytes::Bytes;
use host::{Audit, Cache, Chain, Clock, Entropy, Grants, Sessions, Variables};
use http::{Method, Request, Response, StatusCode};
use jose::VerifyingKeys;
use oauth::authorize::{AuthorizationRequest, AuthorizeRefused, PageRefused};
use oauth::{
    ClientRefused, ErrorCode, FlowId, Identities, Parameters, ServerIdentity, Software, Source,
    Transaction, session,
};
use pages::Advice;

use crate::answer::{self, refusal};
use crate::clients::Clients;
use crate::settings::{self, Offered, SettingsRefused};

/// What the component `authorize` holds.
#[derive(Debug)]
pub struct Settings {
    identities: Identities,
    clients: Clients,
    providers: Vec<Offered<Transaction>>,
    sessions: VerifyingKeys<session::Claims>,
}

impl Settings {
    /// Reads its variables.
    pub async fn read<H>(host: &H) -> Result<Self, SettingsRefused>
    where
        H: host::Configuration + Variables,
    {
        let written = settings::configuration(host).await?;
        Ok(Self {
            identities: settings::identities(host).await?,
            clients: Clients::read(host, written.clients).await?,
            providers: settings::offered(host, "tx", &written.providers).await?,
            sessions: settings::verifying(host, "session_public_key").await?,
        })
    }

    /// A provider that is on.
    fn provider(&self, source: &Source) -> Option<&Offered<Transaction>> {
        self.providers.iter().find(|known| known.source == *source)
    }

    /// The rules of a request, with the client that it names.
    async fn check<H>(
        &self,
        host: &H,
        parameters: &Parameters,
        server: &ServerIdentity,
    ) -> Result<AuthorizationRequest, AuthorizeRefused>
    where
        H: Audit + Cache + Chain + Clock,
    {
        let id = parameters.value("client_id");
        let found = self.clients.find(host, id).await;
        oauth::authorize::check(parameters, found, server)
    }
}

/// Answers one request.
pub async fn handle<H>(host: &H, settings: &Settings, request: Request<Bytes>) -> Response<Bytes>
where
    H: Audit + Cache + Chain + Clock + Entropy + Grants + Sessions,
{
    let server = match settings.identities.reached(&request) {
        Ok(server) => server,
        Err(reason) => {
            let flow = FlowId::of(&host.random::<16>());
            return refusal(
                StatusCode::MISDIRECTED_REQUEST,
                &reason,
                &flow,
                Advice::TellTheOperator,
            );
        }
    };
    match (request.uri().path(), request.method()) {
        ("/consent", &Method::POST) => consent::post(host, settings, &server, &request).await,
        ("/consent", _) => answer::method_not_allowed("POST"),
        (_, &Method::GET | &Method::HEAD) => show::get(host, settings, &server, &request).await,
        _ => answer::method_not_allowed("GET, HEAD"),
    }
}

/// A refusal where the rules say it belongs: on a page, or with the client.
fn refuse(
    refused: &AuthorizeRefused,
    server: &ServerIdentity,
    parameters: &Parameters,
    flow: &FlowId,
) -> Response<Bytes> {
    match refused {
        // Registering again would not help: its id is where its document is.
        AuthorizeRefused::Page(PageRefused::Client(reason @ ClientRefused::Document(document))) => {
            let (status, advice) = if document.is_outage() {
                (StatusCode::SERVICE_UNAVAILABLE, Advice::StartAgain)
            } else {
                (StatusCode::BAD_REQUEST, Advice::TellThePublisher)
            };
            refusal(status, reason, flow, advice)
        }
        AuthorizeRefused::Page(reason @ (PageRefused::Client(_) | PageRefused::Redirect)) => {
            // Nobody is sent there: it only tells whose words may help.
            let software = parameters.value("redirect_uri");
            let advice = Advice::RegisterAgain(software.and_then(Software::answered_at));
            refusal(StatusCode::BAD_REQUEST, reason, flow, advice)
        }
        AuthorizeRefused::Redirect { to, state, reason } => {
            let description = reason.to_string();
            let error = [
                ("error", ErrorCode::from(reason).as_str()),
                ("error_description", &description),
            ];
            answer::see_other(&to.answer(&error, state.as_deref(), server.issuer()))
        }
    }
}
