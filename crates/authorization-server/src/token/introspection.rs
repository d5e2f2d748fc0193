//! `POST /introspect` (RFC 7662): what a token is, for a resource server that asks.
//!
//! *Invariant:* who asks has proven more than its id; of other clients' tokens only those learn
//! that the operator allows, and everybody else learns nothing, not even that they exist (§4).

use host::{Clock, Grants, Marks};
use oauth::access_token::AccessToken;
use oauth::grant::Grant;
use oauth::introspection::Introspection;
use oauth::token::{TokenRefused, check_client, check_live};
use oauth::{Credential, Mark};

use super::{Asked, Settings, revocation, unavailable};

/// Says what the parameter `token` is.
pub(super) async fn introspect<H>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
) -> Result<Introspection, TokenRefused>
where
    H: Clock + Grants + Marks,
{
    if *asked.client.credential() == Credential::None {
        return Err(TokenRefused::PublicClient);
    }
    let token = asked.parameters.value("token");
    let token = token.ok_or(TokenRefused::Missing("token"))?;
    let everybody = asked.client.service().introspects;
    if let Some(grant) = revocation::refresh_token(host, settings, asked, token).await? {
        let may_know = everybody || check_client(&grant, asked.client).is_ok();
        let active = may_know && is_live(host, settings, &grant, token);
        return Ok(if active {
            Introspection::of_refresh_token(&grant)
        } else {
            Introspection::inactive()
        });
    }
    let issuer = asked.server.issuer();
    let Ok(token) = AccessToken::issued(token, &settings.issued, issuer, host.now()) else {
        return Ok(Introspection::inactive());
    };
    let may_know = everybody || token.client_id() == asked.client.id().as_str();
    if !may_know || is_marked(host, token.marks()).await? {
        return Ok(Introspection::inactive());
    }
    Ok(Introspection::of_access_token(&token))
}

/// Whether presenting this refresh token would yield tokens.
fn is_live<H: Clock>(host: &H, settings: &Settings, grant: &Grant, token: &str) -> bool {
    let (now, lifetimes) = (host.now(), &settings.lifetimes);
    let Ok(unverified) = settings.refresh_tokens.unverified(token) else {
        return false;
    };
    check_live(grant, lifetimes, now).is_ok()
        && grant
            .uses
            .present(unverified.generation, now, lifetimes.refresh_window)
            .is_good()
}

async fn is_marked<H: Marks>(
    host: &H,
    marks: impl Iterator<Item = Mark>,
) -> Result<bool, TokenRefused> {
    for mark in marks {
        if host.is_marked(&mark).await.map_err(unavailable)? {
            return Ok(true);
        }
    }
    Ok(false)
}
