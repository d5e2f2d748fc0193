//! `POST /revoke` (RFC 7009): a client gives back what it was given.
//!
//! *Invariant:* a client revokes its own tokens alone, and whether a token exists is not told: an
//! unknown one is answered like a revoked one (§2.2).

use host::{Admitted, Audit, Clock, Event, Grants, Marks, Replays};
use oauth::access_token::AccessToken;
use oauth::grant::Grant;
use oauth::token::{TokenRefused, check_client, check_issuer};
use oauth::{Mark, Timestamp};

use super::{Asked, Settings, unavailable};

/// Revokes what the parameter `token` is.
///
/// `token_type_hint` only says where to look first, and both kinds tell by themselves which they
/// are, so it is not needed.
pub(super) async fn revoke<H>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
) -> Result<(), TokenRefused>
where
    H: Audit + Clock + Grants + Marks + Replays,
{
    let token = asked.parameters.value("token");
    let token = token.ok_or(TokenRefused::Missing("token"))?;
    if let Some(grant) = refresh_token(host, settings, asked, token).await? {
        if check_client(&grant, asked.client).is_ok() {
            return super::revoke(host, &grant, "the client gave it back").await;
        }
        return Ok(());
    }
    let issuer = asked.server.issuer();
    match AccessToken::issued(token, &settings.issued, issuer, host.now()) {
        Ok(token) if token.client_id() == asked.client.id().as_str() => {
            revoke_token(host, token.id(), token.expires_at()).await
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The grant that `token` is a refresh token of, whichever generation.
pub(super) async fn refresh_token<H: Grants>(
    host: &H,
    settings: &Settings,
    asked: &Asked<'_>,
    token: &str,
) -> Result<Option<Grant>, TokenRefused> {
    let Ok(unverified) = settings.refresh_tokens.unverified(token) else {
        return Ok(None);
    };
    let found = host.find(&unverified.grant).await.map_err(unavailable)?;
    let ours = |grant: &Grant| {
        check_issuer(grant, asked.server.issuer()).is_ok()
            && settings.refresh_tokens.verify(token, grant).is_ok()
    };
    Ok(found.filter(ours))
}

/// One access token ends; the grant behind it lives on.
async fn revoke_token<H>(host: &H, jti: &str, until: Timestamp) -> Result<(), TokenRefused>
where
    H: Audit + Marks + Replays,
{
    let mark = Mark::Token(jti.to_owned());
    host.mark(&mark).await.map_err(unavailable)?;
    // The store of marks has no lifetimes: this row is what the sweep finds the mark by.
    match host.admit(&mark.key(), until).await.map_err(unavailable)? {
        Admitted::Now => host.record(Event::new("token.revoked")),
        Admitted::Before => {}
    }
    Ok(())
}
