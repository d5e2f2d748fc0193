//! Which client asks, proven the way it registered (RFC 6749 §2.3).
//!
//! *Invariant:* nothing of a request is acted on before its client is known, and an assertion
//! proves its client once.

use bytes::Bytes;
use host::{Admitted, Clock, Replays};
use http::{HeaderValue, Request, header};
use jose::ForeignKeys;
use oauth::authentication::{AuthenticationRefused, Presented, Proof};
use oauth::client_assertion::{ALGORITHMS, Expected, PresentedAssertion};
use oauth::token::TokenRefused;
use oauth::{Client, ClientKeys, Credential, Parameters, ServerIdentity};

use super::{Settings, unavailable};

/// The client of a request.
pub(super) async fn client<H>(
    host: &H,
    settings: &Settings,
    asked: (&ServerIdentity, &Request<Bytes>),
    parameters: &Parameters,
) -> Result<Client, TokenRefused>
where
    H: Clock + Replays,
{
    let (server, request) = asked;
    let headers = request.headers().get_all(header::AUTHORIZATION).iter();
    let presented = Presented::read(headers.map(HeaderValue::as_bytes), parameters)?;
    let client = settings.clients.find(presented.client_id.as_deref())?;
    client.check_method(&presented.proof)?;
    match &presented.proof {
        Proof::Assertion(assertion) => {
            let path = request.uri().path();
            asserted(host, &client, (server, path), assertion).await?;
        }
        Proof::None => {}
        Proof::Secret { text, .. } => client.check_secret(text, settings.clients.registered())?,
    }
    Ok(client)
}

/// Whether the client signed this assertion, for us, and for the first time.
async fn asserted<H>(
    host: &H,
    client: &Client,
    at: (&ServerIdentity, &str),
    assertion: &PresentedAssertion,
) -> Result<(), TokenRefused>
where
    H: Clock + Replays,
{
    let (server, path) = at;
    let keys = keys(client)?;
    let expected = Expected {
        client_id: client.id().as_str(),
        algorithms: ALGORITHMS,
        server,
        path,
    };
    let proven = assertion
        .verify(&keys, &expected, host.now())
        .map_err(AuthenticationRefused::from)?;
    // RFC 7523 §3, 7: of one client; another's may have the same.
    let jti = jose::encode(jose::sha256(proven.jti().as_bytes()));
    let id = format!("jti:{}:{jti}", client.id().hash().as_str());
    let admitted = host.admit(&id, proven.expires_at()).await;
    match admitted.map_err(unavailable)? {
        Admitted::Now => Ok(()),
        Admitted::Before => Err(AuthenticationRefused::AssertionReplayed.into()),
    }
}

fn keys(client: &Client) -> Result<ForeignKeys, AuthenticationRefused> {
    let Credential::Keys(keys) = client.credential() else {
        return Err(AuthenticationRefused::WrongMethod);
    };
    match keys {
        ClientKeys::Inline(set) => {
            ForeignKeys::parse_value(set).map_err(|_| AuthenticationRefused::KeysUnavailable)
        }
        ClientKeys::At(_) => Err(AuthenticationRefused::KeysUnavailable),
    }
}
