//! Which client asks, proven the way it registered (RFC 6749 §2.3).
//!
//! *Invariant:* nothing of a request is acted on before its client is known.

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use oauth::authentication::{Presented, Proof};
use oauth::token::TokenRefused;
use oauth::{Client, Parameters};

use super::Settings;

/// The client of a request.
pub(super) fn client(
    settings: &Settings,
    request: &Request<Bytes>,
    parameters: &Parameters,
) -> Result<Client, TokenRefused> {
    let headers = request.headers().get_all(header::AUTHORIZATION).iter();
    let presented = Presented::read(headers.map(HeaderValue::as_bytes), parameters)?;
    let client = settings.clients.find(presented.client_id.as_deref())?;
    client.check_method(&presented.proof)?;
    if let Proof::Secret { text, .. } = &presented.proof {
        client.check_secret(text, settings.clients.registered())?;
    }
    Ok(client)
}
