//! Why a token endpoint refuses, and how those say it that keep to RFC 6749.

use serde_json::json;

use crate::answer::Answer;
use crate::seen::Seen;

/// A broken rule of the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Neither a form nor whatever this vendor reads, or not by POST.
    Body,
    /// Unknown client or wrong secret.
    Client,
    /// Unknown, spent or somebody else's code.
    Code,
    /// A closed account.
    Disabled,
    /// A grant type that nobody offers.
    GrantType,
    /// A way to authenticate that this client is not registered for, or two at once.
    Method,
    /// Another redirect URI than the authorization request's.
    RedirectUri,
    /// Unknown, dead or somebody else's refresh token.
    RefreshToken,
    /// A missing, wrong or unexpected verifier.
    Verifier,
}

impl Refusal {
    /// RFC 6749 section 5.2.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Body => "invalid_request",
            Self::Client | Self::Method => "invalid_client",
            Self::GrantType => "unsupported_grant_type",
            Self::Code
            | Self::Disabled
            | Self::RedirectUri
            | Self::RefreshToken
            | Self::Verifier => "invalid_grant",
        }
    }

    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Body => "The body cannot be read",
            Self::Client => "Client authentication failed",
            Self::Code => "The code is invalid or expired",
            Self::Disabled => "The account is disabled",
            Self::GrantType => "The grant type is not supported",
            Self::Method => "The client may not authenticate in this way",
            Self::RedirectUri => "The redirect URI is another",
            Self::RefreshToken => "The refresh token is invalid, expired or revoked",
            Self::Verifier => "The code verifier does not fit",
        }
    }
}

/// Refuses as RFC 6749 section 5.2 says.
pub(crate) fn standard(refusal: Refusal, seen: &Seen) -> Answer {
    let status = match refusal {
        Refusal::Client | Refusal::Method => 401,
        _ => 400,
    };
    let body = json!({ "error": refusal.code(), "error_description": refusal.description() });
    let answer = Answer::json(status, &body);
    if status == 401 && seen.credentials("Basic").is_some() {
        answer.header("www-authenticate", "Basic realm=\"token\"")
    } else {
        answer
    }
}
