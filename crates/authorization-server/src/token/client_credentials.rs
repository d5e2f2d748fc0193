//! The grant type `client_credentials` (OAuth 2.1 §4.2): a client in its own name.
//!
//! *Invariant:* it is for clients that the operator wrote down, within what stands beside them;
//! there is no grant behind the token and nothing to refresh.

use host::{Audit, Clock, Entropy, Event};
use oauth::access_token::Claims;
use oauth::token::{TokenRefused, TokenResponse, service_access};

use super::{Asked, Settings, issue};

/// Issues an access token.
pub(super) fn exchange<H>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
) -> Result<TokenResponse, TokenRefused>
where
    H: Audit + Clock + Entropy,
{
    let access = service_access(asked.parameters, asked.client, asked.server)?;
    let scope = access.scopes.to_string();
    let stamp = issue::stamp(host, settings);
    let claims = Claims::for_client(asked.server.issuer(), asked.client, access, stamp);
    let response = issue::signed(settings, &claims, scope, None)?;
    host.record(Event {
        client: asked.client.name().map(str::to_owned),
        ..Event::new("service.token")
    });
    Ok(response)
}
