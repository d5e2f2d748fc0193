//! Why a credential is not accepted: in full for the operator, and briefly for whoever showed it.
//!
//! *Invariant:* neither repeats a credential, and the brief one does not help to guess another.

use documents::Unlearned;
use host::Unavailable;
use jose::{ForeignKeysRefused, ForeignRefused, MacRefused};
use oauth::access_token::AccessRefused;
use oauth::foreign_token::ForeignTokenRefused;

/// Why a request's credentials are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialRefused {
    #[error("the API key is expired")]
    ApiKeyExpired(String),
    #[error("there is no such API key")]
    ApiKeyUnknown,
    #[error("{1}")]
    Claims(String, ForeignTokenRefused),
    #[error("the issuer's keys cannot be had: {1}")]
    Keys(String, Unlearned<ForeignKeysRefused>),
    #[error("the issuer's keys could not be had a moment ago")]
    KeysLately(String),
    #[error(transparent)]
    Mac(#[from] MacRefused),
    #[error("sign in first: this server takes an access token in the Authorization header")]
    Missing,
    #[error("the grant behind the access token was revoked")]
    Revoked,
    #[error("a request has one credential, and this one has several that differ")]
    Several,
    #[error("a request has one Authorization header")]
    SeveralHeaders,
    #[error("{1}")]
    Signature(String, ForeignRefused),
    #[error(transparent)]
    Token(#[from] AccessRefused),
    #[error("whether the access token was revoked cannot be read right now")]
    Unavailable(#[from] Unavailable),
    #[error("the Authorization header has no scheme that is taken here, or nothing behind it")]
    Unreadable,
}

/// What kind of answer a refusal gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Show a credential.
    Ask,
    /// This one is not good.
    Invalid,
    /// The request is wrong.
    Malformed,
    /// Come back later.
    Later,
}

impl CredentialRefused {
    /// What kind of credential was shown: its source, for those that have one. Nothing was shown
    /// where there is none.
    pub(crate) fn kind(&self) -> Option<&str> {
        match self {
            Self::Missing => None,
            Self::ApiKeyExpired(_) | Self::ApiKeyUnknown => Some("api-key"),
            Self::Claims(source, _)
            | Self::Keys(source, _)
            | Self::KeysLately(source)
            | Self::Signature(source, _) => Some(source),
            Self::Mac(_) => Some("jwt"),
            Self::Revoked | Self::Token(_) | Self::Unavailable(_) => Some("access-token"),
            Self::Several | Self::SeveralHeaders => Some("several"),
            Self::Unreadable => Some("unreadable"),
        }
    }

    /// How it is answered.
    pub(crate) const fn answer(&self) -> Answer {
        match self {
            Self::Missing | Self::Unreadable => Answer::Ask,
            Self::Several | Self::SeveralHeaders => Answer::Malformed,
            Self::Keys(..) | Self::KeysLately(_) | Self::Unavailable(_) => Answer::Later,
            Self::ApiKeyExpired(_)
            | Self::ApiKeyUnknown
            | Self::Claims(..)
            | Self::Mac(_)
            | Self::Revoked
            | Self::Signature(..)
            | Self::Token(_) => Answer::Invalid,
        }
    }

    /// What whoever showed it is told: enough to know whether to get another.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Unreadable => Self::Missing.to_string(),
            Self::ApiKeyUnknown => "the API key is not good here".to_owned(),
            Self::Claims(_, ForeignTokenRefused::Expired) => "the token is expired".to_owned(),
            Self::Claims(..) | Self::Mac(_) | Self::Signature(..) => {
                "the token is not good here".to_owned()
            }
            Self::Keys(..) | Self::KeysLately(_) => {
                "the token cannot be verified right now".to_owned()
            }
            Self::ApiKeyExpired(_)
            | Self::Missing
            | Self::Revoked
            | Self::Several
            | Self::SeveralHeaders
            | Self::Token(_)
            | Self::Unavailable(_) => self.to_string(),
        }
    }
}
