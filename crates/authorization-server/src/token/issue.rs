//! Tokens that a request has earned.
//!
//! *Invariant:* this is the only module that signs access tokens and mints refresh tokens.

use host::{Clock, Entropy};
use oauth::access_token::{Access, Claims, Stamp};
use oauth::grant::Grant;
use oauth::token::{TokenRefused, TokenResponse};
use oauth::{Client, Scope};

use super::Settings;

/// What makes this token differ from the next.
pub(super) fn stamp<'a, H: Clock + Entropy>(host: &H, settings: &'a Settings) -> Stamp<'a> {
    Stamp {
        jti: host.random(),
        now: host.now(),
        lifetimes: &settings.lifetimes,
    }
}

/// The tokens of a grant: an access token, and the refresh token of `generation`, where the person
/// agreed that the client stays connected.
pub(super) fn of_grant<H>(
    host: &H,
    settings: &Settings,
    client: &Client,
    issued: (&Grant, u64, Access),
) -> Result<TokenResponse, TokenRefused>
where
    H: Clock + Entropy,
{
    let (grant, generation, access) = issued;
    let stays = grant.scopes.contains(Scope::OfflineAccess);
    let refresh_token = stays.then(|| settings.refresh_tokens.mint(grant, generation));
    let scope = access.scopes.to_string();
    let mut grant = grant.clone();
    grant.person.subject = settings.same_people.known_as(&grant.person.subject);
    let claims = Claims::for_grant(&grant, client, access, stamp(host, settings));
    signed(settings, &claims, scope, refresh_token)
}

/// The answer with these claims signed.
pub(super) fn signed(
    settings: &Settings,
    claims: &Claims,
    scope: String,
    refresh_token: Option<String>,
) -> Result<TokenResponse, TokenRefused> {
    Ok(TokenResponse {
        access_token: settings
            .access_tokens
            .sign(claims)
            .ok_or(TokenRefused::Unavailable)?,
        token_type: "Bearer",
        expires_in: claims.lifetime(),
        refresh_token,
        scope,
    })
}
