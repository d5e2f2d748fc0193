//! Why a provider's answer makes nobody a person.
//!
//! *Invariant:* the log learns which rule was broken; a page learns whose turn it is.

use host::FetchFailed;
use http::StatusCode;
use jose::ForeignKeysRefused;
use pages::Advice;
use providers::{DiscoveryRefused, IdTokenRefused, PersonRefused, TokenAnswerRefused};

/// Why, for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderFailed {
    #[error("the address of the provider's {0} is none that this component may ask")]
    Address(&'static str),
    #[error("the provider's answer in the browser names another issuer")]
    Answerer,
    #[error("the provider's answer in the browser has neither a code nor an error")]
    Empty,
    #[error("the provider's {0} cannot be had: {1}")]
    Fetch(&'static str, FetchFailed),
    #[error(transparent)]
    IdToken(#[from] IdTokenRefused),
    #[error("the provider's keys are refused: {0}")]
    Keys(#[from] ForeignKeysRefused),
    #[error(transparent)]
    Metadata(#[from] DiscoveryRefused),
    #[error("the provider's {0} cannot be understood")]
    Malformed(&'static str),
    #[error(transparent)]
    Person(#[from] PersonRefused),
    #[error("the provider answers for its {0} with status {1}")]
    Status(&'static str, u16),
    #[error(transparent)]
    Token(#[from] TokenAnswerRefused),
    #[error("the provider does not know this client: {0}")]
    Client(&'static str),
}

impl ProviderFailed {
    /// Whether the provider has troubles that will pass.
    pub(super) const fn is_outage(&self) -> bool {
        match self {
            Self::Fetch(_, reason) => {
                matches!(reason, FetchFailed::Slow | FetchFailed::Unreachable)
            }
            Self::Status(_, status) => matches!(status, 408 | 429 | 500..),
            Self::Token(reason) => matches!(reason, TokenAnswerRefused::Unavailable(_)),
            _ => false,
        }
    }

    /// What a page says of it: the status, a sentence, and what to do.
    pub(super) fn shown(&self) -> (StatusCode, String, Advice) {
        match self {
            Self::Person(PersonRefused::Admission(reason)) => (
                StatusCode::FORBIDDEN,
                reason.to_string(),
                Advice::AskToBeAdmitted,
            ),
            Self::IdToken(IdTokenRefused::Tenant) => (
                StatusCode::FORBIDDEN,
                "this account is of no organization that may sign in here".to_owned(),
                Advice::AskToBeAdmitted,
            ),
            _ if self.is_outage() => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the identity provider does not answer as it should right now".to_owned(),
                Advice::Reload,
            ),
            Self::Token(TokenAnswerRefused::Grant) => (
                StatusCode::BAD_REQUEST,
                "the identity provider takes this sign-in no more".to_owned(),
                Advice::StartAgain,
            ),
            _ => (
                StatusCode::BAD_GATEWAY,
                "the identity provider's answer does not hold, so nobody was signed in".to_owned(),
                Advice::TellTheOperator,
            ),
        }
    }
}
