//! The grant type `refresh_token` (OAuth 2.1 §4.3), which signs nobody out by accident.

use host::{Advanced, Audit, Chain, Clock, Entropy, Grants, Marks, Vault};
use oauth::access_token::Access;
use oauth::refresh::Presented;
use oauth::token::{RefreshRequest, TokenRefused, TokenResponse, audience, check_issuer};

use super::{Asked, Settings, anew, issue, revoke, unavailable};

/// How often a first use may find that another was first. Each loss means that the row moved on,
/// and a token's first use happens once, so one reading more always settles it.
const READINGS: usize = 4;

/// Answers with the successor of the refresh token that is presented.
pub(super) async fn exchange<H>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
) -> Result<TokenResponse, TokenRefused>
where
    H: Audit + Chain + Clock + Entropy + Grants + Marks + Vault,
{
    let request = RefreshRequest::parse(asked.parameters)?;
    let token = settings.refresh_tokens.unverified(&request.refresh_token)?;
    for _ in 0..READINGS {
        let mut grant = host
            .find(&token.grant)
            .await
            .map_err(unavailable)?
            .ok_or(TokenRefused::UnknownGrant)?;
        check_issuer(&grant, asked.server.issuer())?;
        settings
            .refresh_tokens
            .verify(&request.refresh_token, &grant)?;
        let now = host.now();
        let access = Access {
            scopes: request.check(&grant, asked.client, &settings.lifetimes, now)?,
            audience: audience(asked.parameters, asked.server, &grant.resources)?,
        };
        // Before anything is spent: a provider with troubles costs a retry and no more.
        grant.person = anew::person(host, settings, &grant).await?;
        match grant
            .uses
            .present(token.generation, now, settings.lifetimes.refresh_window)
        {
            Presented::First(uses) => {
                let from = grant.uses.latest();
                if host
                    .advance(&grant.id, from, &uses)
                    .await
                    .map_err(unavailable)?
                    == Advanced::Elsewhere
                {
                    continue;
                }
            }
            Presented::Again => {}
            Presented::Ahead => return Err(TokenRefused::GenerationAhead),
            Presented::TooOften => return Err(TokenRefused::TooOften),
            Presented::Forked => {
                revoke(
                    host,
                    &grant,
                    "a refresh token was presented long after its successor",
                )
                .await?;
                return Err(TokenRefused::RefreshReused);
            }
        }
        let issued = (&grant, token.generation + 1, access);
        return issue::of_grant(host, settings, asked.client, issued);
    }
    Err(TokenRefused::Unavailable)
}
