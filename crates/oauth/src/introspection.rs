//! Introspection's answer (RFC 7662 §2.2).
//!
//! *Invariant:* of a token that is not active nothing is said but that.

use serde::Serialize;

use crate::access_token::AccessToken;
use crate::grant::Grant;
use crate::identity::Issuer;
use crate::person::Subject;
use crate::resource::Resources;
use crate::scope::Scopes;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    known: Option<Known>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Known {
    scope: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    exp: u64,
    iat: u64,
    sub: Subject,
    aud: Resources,
    iss: Issuer,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

impl Introspection {
    /// A token that is unknown, over, revoked, or not for this client to know.
    #[must_use]
    pub const fn inactive() -> Self {
        Self {
            active: false,
            known: None,
        }
    }

    /// An access token that is good.
    #[must_use]
    pub fn of_access_token(token: &AccessToken) -> Self {
        let claims = token.claims();
        Self::active(Known {
            scope: claims.scope.clone(),
            client_id: Some(claims.client_id.clone()),
            token_type: Some("Bearer"),
            exp: claims.exp,
            iat: claims.iat,
            sub: claims.sub.clone(),
            aud: claims.aud.clone(),
            iss: claims.iss.clone(),
            jti: Some(claims.jti.clone()),
        })
    }

    /// A refresh token that is good. Its grant keeps the client's id as a hash alone.
    #[must_use]
    pub fn of_refresh_token(grant: &Grant) -> Self {
        Self::active(Known {
            scope: grant.scopes.clone(),
            client_id: None,
            token_type: None,
            exp: grant.expires_at.as_seconds(),
            iat: grant.pended_at.as_seconds(),
            sub: grant.person.subject.clone(),
            aud: grant.resources.clone(),
            iss: grant.issuer.clone(),
            jti: None,
        })
    }

    const fn active(known: Known) -> Self {
        Self {
            active: true,
            known: Some(known),
        }
    }
}
