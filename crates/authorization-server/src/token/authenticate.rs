//! Which client asks, proven the way it registered (RFC 6749 §2.3).
//!
//! *Invariant:* nothing of a request is acted on before its client is known, and an assertion
//! proves its client once.

use bytes::Bytes;
use host::{Admitted, Audit, Cache, Chain, Clock, Replays};
use http::{HeaderValue, Request, header};
use jose::ForeignRefused;
use oauth::authentication::{AuthenticationRefused, Presented, Proof};
use oauth::client_assertion::{ALGORITHMS, Expected, PresentedAssertion};
use oauth::token::TokenRefused;
use oauth::{Client, Parameters, ServerIdentity};

use super::{Settings, unavailable};
use crate::clients::Trust;

/// The client of a request.
pub(super) async fn client<H>(
    host: &H,
    settings: &Settings,
    asked: (&ServerIdentity, &Request<Bytes>),
    parameters: &Parameters,
) -> Result<Client, TokenRefused>
where
    H: Audit + Cache + Chain + Clock + Replays,
{
    let (server, request) = asked;
    let headers = request.headers().get_all(header::AUTHORIZATION).iter();
    let presented = Presented::read(headers.map(HeaderValue::as_bytes), parameters)?;
    let client = settings
        .clients
        .find(host, presented.client_id.as_deref())
        .await?;
    client.check_method(&presented.proof)?;
    match &presented.proof {
        Proof::Assertion(assertion) => {
            let path = request.uri().path();
            asserted(host, settings, &client, (server, path), assertion).await?;
        }
        Proof::None => {}
        Proof::Secret { text, .. } => client.check_secret(text, settings.clients.registered())?,
    }
    Ok(client)
}

/// Whether the client signed this assertion, for us, and for the first time.
async fn asserted<H>(
    host: &H,
    settings: &Settings,
    client: &Client,
    at: (&ServerIdentity, &str),
    assertion: &PresentedAssertion,
) -> Result<(), TokenRefused>
where
    H: Audit + Cache + Chain + Clock + Replays,
{
    let (server, path) = at;
    let expected = Expected {
        client_id: client.id().as_str(),
        algorithms: ALGORITHMS,
        server,
        path,
    };
    let keys = settings.clients.keys_of(host, client, Trust::Full).await?;
    let mut proven = assertion.verify(&keys, &expected, host.now());
    if proven == Err(ForeignRefused::UnknownKey.into()) {
        // Clients rotate their keys when they like.
        let keys = settings.clients.keys_of(host, client, Trust::Doubt).await?;
        proven = assertion.verify(&keys, &expected, host.now());
    }
    let proven = proven.map_err(AuthenticationRefused::from)?;
    // RFC 7523 §3, 7: of one client; another's may have the same.
    let jti = jose::encode(jose::sha256(proven.jti().as_bytes()));
    let id = format!("jti:{}:{jti}", client.id().hash().as_str());
    let admitted = host.admit(&id, proven.expires_at()).await;
    match admitted.map_err(unavailable)? {
        Admitted::Now => Ok(()),
        Admitted::Before => Err(AuthenticationRefused::AssertionReplayed.into()),
    }
}
