//! Errors as OAuth clients read them: a code from a registry and a sentence.
//!
//! *Invariant:* this is the only place where a reason becomes a code on the wire; sentences come
//! from our own enums and never carry a token, a secret or an upstream's text.

use serde::Serialize;

use crate::authentication::AuthenticationRefused;
use crate::authorize::RequestRefused;
use crate::client::ClientRefused;
use crate::client_assertion::ClientAssertionRefused;
use crate::parameters::ParametersRefused;
use crate::token::TokenRefused;

/// A registered error code (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2,
/// `OpenID` Connect Core §3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The person said no.
    AccessDenied,
    /// Nobody agreed yet, and the client asked not to disturb.
    ConsentRequired,
    /// The person must be asked something, and the client asked not to disturb.
    InteractionRequired,
    /// The client is unknown.
    InvalidClient,
    /// The registration's metadata is bad.
    InvalidClientMetadata,
    /// The code or refresh token is not good.
    InvalidGrant,
    /// The registration's redirect URI is bad.
    InvalidRedirectUri,
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// None of the scopes is known.
    InvalidScope,
    /// The resource is not ours.
    InvalidTarget,
    /// Nobody is signed in, and the client asked not to disturb.
    LoginRequired,
    /// Something is wrong on this side.
    ServerError,
    /// Try again.
    TemporarilyUnavailable,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// There is no such grant here.
    UnsupportedGrantType,
    /// Only `code` exists.
    UnsupportedResponseType,
}

impl ErrorCode {
    /// The code on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::InvalidClient => "invalid_client",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
        }
    }

    /// The status of a JSON answer with this code (RFC 6749 §5.2).
    #[must_use]
    pub const fn status(self) -> http::StatusCode {
        match self {
            Self::InvalidClient => http::StatusCode::UNAUTHORIZED,
            Self::ServerError => http::StatusCode::INTERNAL_SERVER_ERROR,
            Self::TemporarilyUnavailable => http::StatusCode::SERVICE_UNAVAILABLE,
            Self::AccessDenied
            | Self::ConsentRequired
            | Self::InteractionRequired
            | Self::InvalidClientMetadata
            | Self::InvalidGrant
            | Self::InvalidRedirectUri
            | Self::InvalidRequest
            | Self::InvalidScope
            | Self::InvalidTarget
            | Self::LoginRequired
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::UnsupportedResponseType => http::StatusCode::BAD_REQUEST,
        }
    }
}

/// The JSON of an error (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WireError {
    error: &'static str,
    error_description: String,
}

impl WireError {
    /// An error as a client reads it.
    #[must_use]
    pub fn new(code: ErrorCode, description: &impl ToString) -> Self {
        Self {
            error: code.as_str(),
            error_description: description.to_string(),
        }
    }
}

impl From<&ParametersRefused> for ErrorCode {
    fn from(_: &ParametersRefused) -> Self {
        Self::InvalidRequest
    }
}

impl From<&RequestRefused> for ErrorCode {
    fn from(reason: &RequestRefused) -> Self {
        match reason {
            RequestRefused::ConsentRequired => Self::ConsentRequired,
            RequestRefused::InteractionRequired => Self::InteractionRequired,
            RequestRefused::LoginRequired => Self::LoginRequired,
            RequestRefused::Pkce(_)
            | RequestRefused::Prompt(_)
            | RequestRefused::Repeated(_)
            | RequestRefused::RequestObject
            | RequestRefused::ResponseMode
            | RequestRefused::ResponseTypeMissing
            | RequestRefused::State => Self::InvalidRequest,
            RequestRefused::Resource => Self::InvalidTarget,
            RequestRefused::ResponseType => Self::UnsupportedResponseType,
            RequestRefused::Scope => Self::InvalidScope,
            RequestRefused::Unavailable => Self::TemporarilyUnavailable,
            RequestRefused::UnauthorizedClient => Self::UnauthorizedClient,
        }
    }
}

impl From<&TokenRefused> for ErrorCode {
    fn from(reason: &TokenRefused) -> Self {
        match reason {
            // A client that forgets its tokens because of an outage has a person sign in again.
            TokenRefused::Client(ClientRefused::Document(reason)) if reason.is_outage() => {
                Self::TemporarilyUnavailable
            }
            TokenRefused::ClientAuthentication(AuthenticationRefused::Keys(reason))
                if reason.is_outage() =>
            {
                Self::TemporarilyUnavailable
            }
            TokenRefused::ClientAuthentication(
                AuthenticationRefused::Assertion(
                    ClientAssertionRefused::Missing(_) | ClientAssertionRefused::OtherClient,
                )
                | AuthenticationRefused::OtherClientId
                | AuthenticationRefused::Several,
            ) => Self::InvalidRequest,
            TokenRefused::Client(_)
            | TokenRefused::ClientAuthentication(_)
            | TokenRefused::PublicClient => Self::InvalidClient,
            TokenRefused::CodeExpired
            | TokenRefused::CodeSpent
            | TokenRefused::GrantExpired
            | TokenRefused::GrantIdle
            | TokenRefused::GrantRevoked
            | TokenRefused::Handle(_)
            | TokenRefused::OtherClient
            | TokenRefused::OtherRedirect
            | TokenRefused::PersonGone
            | TokenRefused::RefreshReused
            | TokenRefused::UnknownGrant
            | TokenRefused::WrongVerifier => Self::InvalidGrant,
            TokenRefused::GrantTypeUnsupported => Self::UnsupportedGrantType,
            TokenRefused::MediaType
            | TokenRefused::Missing(_)
            | TokenRefused::Parameters(_)
            | TokenRefused::Pkce(_) => Self::InvalidRequest,
            TokenRefused::Resource => Self::InvalidTarget,
            TokenRefused::ScopeExceeded => Self::InvalidScope,
            TokenRefused::UnauthorizedClient => Self::UnauthorizedClient,
            TokenRefused::GenerationAhead | TokenRefused::TooOften | TokenRefused::Unavailable => {
                Self::TemporarilyUnavailable
            }
        }
    }
}
