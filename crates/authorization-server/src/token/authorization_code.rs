//! The grant type `authorization_code` (OAuth 2.1 §4.1.3).

use host::{Audit, Clock, Entropy, Grants, Marks, Spent};
use oauth::access_token::Access;
use oauth::token::{CodeRequest, CodeVerdict, TokenRefused, TokenResponse, audience, check_issuer};

use super::{Asked, Settings, issue, revoke, unavailable};

/// Spends a code.
pub(super) async fn exchange<H>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
) -> Result<TokenResponse, TokenRefused>
where
    H: Audit + Clock + Entropy + Grants + Marks,
{
    let request = CodeRequest::parse(asked.parameters)?;
    let issuer = asked.server.issuer();
    let id = settings.codes.verify(&request.code, issuer)?;
    let grant = host
        .find(&id)
        .await
        .map_err(unavailable)?
        .ok_or(TokenRefused::UnknownGrant)?;
    check_issuer(&grant, issuer)?;
    let verdict = request.check(&grant, asked.client, &settings.lifetimes, host.now())?;
    let access = Access {
        scopes: grant.scopes.clone(),
        audience: audience(asked.parameters, asked.server, &grant.resources)?,
    };
    match verdict {
        CodeVerdict::Spend => match host.spend(&id, host.now()).await.map_err(unavailable)? {
            Spent::Now => issue::of_grant(host, settings, asked.client, (&grant, 1, access)),
            // Another request of the same client was first by a moment.
            Spent::Before => Err(TokenRefused::CodeSpent),
        },
        CodeVerdict::Repeated => Err(TokenRefused::CodeSpent),
        CodeVerdict::Replayed => {
            // RFC 6749 §4.1.2: what a replayed code bought is in two hands.
            revoke(host, &grant, "the code was presented again").await?;
            Err(TokenRefused::CodeSpent)
        }
    }
}
