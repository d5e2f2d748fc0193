//! The token endpoint's rules: what a request says, and whether a grant answers it.
//!
//! *Invariant:* every check comes before any change: who cannot spend a code cannot burn it.

use jose::HandleRefused;
use serde::Serialize;

use crate::access_token::Access;
use crate::authentication::AuthenticationRefused;
use crate::client::{Client, ClientRefused};
use crate::grant::{Grant, GrantState, Lifetimes};
use crate::identity::{Issuer, ServerIdentity};
use crate::parameters::{Parameters, ParametersRefused};
use crate::pkce::{CodeVerifier, PkceRefused};
use crate::resource::Resources;
use crate::scope::Scopes;
use crate::timestamp::Timestamp;

/// Why no token is issued. The client reads the code; the audit reads this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// The client is not known.
    #[error(transparent)]
    Client(#[from] ClientRefused),
    /// It did not prove itself the way it registered.
    #[error(transparent)]
    ClientAuthentication(#[from] AuthenticationRefused),
    /// Their provider said so.
    #[error("the person's identity provider lets them in no more")]
    PersonGone,
    /// The code is older than its lifetime.
    #[error("the code is expired")]
    CodeExpired,
    /// The code was spent before.
    #[error("the code was already used")]
    CodeSpent,
    /// The token is from a later state of the store.
    #[error("the store is older than this token: try again later")]
    GenerationAhead,
    /// The grant's time is over.
    #[error("the sign-in is expired: sign in again")]
    GrantExpired,
    /// The grant was ended.
    #[error("the sign-in was ended: sign in again")]
    GrantRevoked,
    /// Nobody used it for long.
    #[error("the sign-in was not used for too long: sign in again")]
    GrantIdle,
    /// No such grant type here.
    #[error(
        "the parameter `grant_type` must be authorization_code, refresh_token or client_credentials"
    )]
    GrantTypeUnsupported,
    /// The code or refresh token is not ours.
    #[error("the code or refresh token is not one of this server's: {0}")]
    Handle(#[from] HandleRefused),
    /// RFC 6749 §3.2.
    #[error("the body must be application/x-www-form-urlencoded")]
    MediaType,
    /// A parameter is missing.
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    /// It belongs to another client.
    #[error("it was issued to another client")]
    OtherClient,
    /// RFC 6749 §4.1.3.
    #[error("the parameter `redirect_uri` is not the one the code was sent to")]
    OtherRedirect,
    /// The form itself is bad.
    #[error(transparent)]
    Parameters(#[from] ParametersRefused),
    /// The verifier is malformed.
    #[error(transparent)]
    Pkce(#[from] PkceRefused),
    /// Whoever knows a public client's id is that client.
    #[error("this endpoint answers clients that authenticate with a secret or keys")]
    PublicClient,
    /// A refresh token came back long after its successor was used.
    #[error("the refresh token was used by somebody else: sign in again")]
    RefreshReused,
    /// RFC 8707 §2.2.
    #[error("the parameter `resource` must name what was granted: this server's MCP endpoint")]
    Resource,
    /// RFC 6749 §6.
    #[error("the parameter `scope` asks for more than was granted")]
    ScopeExceeded,
    /// More refreshes than anybody needs.
    #[error("this sign-in is refreshed too often: try again in a minute")]
    TooOften,
    /// RFC 6749 §5.2.
    #[error("this client may not use this `grant_type`")]
    UnauthorizedClient,
    /// The store does not answer.
    #[error("the store does not answer: try again later")]
    Unavailable,
    /// No such grant.
    #[error("it is unknown: sign in again")]
    UnknownGrant,
    /// RFC 7636 §4.6.
    #[error("the parameter `code_verifier` does not answer the challenge")]
    WrongVerifier,
}

/// A request to spend a code.
pub struct CodeRequest {
    /// The code.
    pub code: String,
    verifier: CodeVerifier,
    redirect_uri: Option<String>,
}

/// A request to refresh.
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: String,
    scope: Option<Scopes>,
}

/// What is to be done about a code that passed every check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeVerdict {
    /// Spend it, and issue.
    Spend,
    /// It was spent a moment ago: refuse, change nothing.
    Repeated,
    /// It was spent before: what it bought is in two hands.
    Replayed,
}

/// The answer of RFC 6749 §5.1.
#[derive(Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Its lifetime in seconds.
    pub expires_in: u64,
    /// The successor, where the person agreed that the client stays connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What it may do.
    pub scope: String,
}

impl CodeRequest {
    /// Reads the parameters.
    pub fn parse(parameters: &Parameters) -> Result<Self, TokenRefused> {
        let value = |name: &'static str| parameters.value(name).ok_or(TokenRefused::Missing(name));
        Ok(Self {
            code: value("code")?.to_owned(),
            verifier: CodeVerifier::parse(value("code_verifier")?)?,
            redirect_uri: parameters.value("redirect_uri").map(str::to_owned),
        })
    }

    /// Runs every check against the code's grant, in order.
    pub fn check(
        &self,
        grant: &Grant,
        client: &Client,
        lifetimes: &Lifetimes,
        now: Timestamp,
    ) -> Result<CodeVerdict, TokenRefused> {
        check_client(grant, client)?;
        if self
            .redirect_uri
            .as_ref()
            .is_some_and(|uri| *uri != grant.redirect)
        {
            return Err(TokenRefused::OtherRedirect);
        }
        if !grant.challenge.is_answered_by(&self.verifier) {
            return Err(TokenRefused::WrongVerifier);
        }
        match grant.state {
            GrantState::Pending if now.since(grant.pended_at) > lifetimes.code => {
                Err(TokenRefused::CodeExpired)
            }
            GrantState::Pending => Ok(CodeVerdict::Spend),
            GrantState::Live { spent_at } if now.since(spent_at) <= lifetimes.code_repeat => {
                Ok(CodeVerdict::Repeated)
            }
            GrantState::Live { .. } => Ok(CodeVerdict::Replayed),
            GrantState::Revoked => Err(TokenRefused::GrantRevoked),
        }
    }
}

impl RefreshRequest {
    /// Reads the parameters.
    pub fn parse(parameters: &Parameters) -> Result<Self, TokenRefused> {
        Ok(Self {
            refresh_token: parameters
                .value("refresh_token")
                .ok_or(TokenRefused::Missing("refresh_token"))?
                .to_owned(),
            scope: parameters.value("scope").map(Scopes::known),
        })
    }

    /// The scopes of the new access token: never more than was granted (RFC 6749 §6).
    pub fn check(
        &self,
        grant: &Grant,
        client: &Client,
        lifetimes: &Lifetimes,
        now: Timestamp,
    ) -> Result<Scopes, TokenRefused> {
        check_client(grant, client)?;
        check_live(grant, lifetimes, now)?;
        scopes_within(self.scope.as_ref(), &grant.scopes)
    }
}

/// Whether a grant's refresh tokens count at all.
pub fn check_live(
    grant: &Grant,
    lifetimes: &Lifetimes,
    now: Timestamp,
) -> Result<(), TokenRefused> {
    match grant.state {
        GrantState::Revoked => Err(TokenRefused::GrantRevoked),
        // A refresh token exists only once its code is spent.
        GrantState::Pending => Err(TokenRefused::GenerationAhead),
        GrantState::Live { .. } if now >= grant.expires_at => Err(TokenRefused::GrantExpired),
        GrantState::Live { .. } if now.since(grant.used_at()) > lifetimes.grant_idle => {
            Err(TokenRefused::GrantIdle)
        }
        GrantState::Live { .. } => Ok(()),
    }
}

/// What was issued to one client is nothing in the hands of another.
pub fn check_client(grant: &Grant, client: &Client) -> Result<(), TokenRefused> {
    if grant.client == client.id().hash() {
        Ok(())
    } else {
        Err(TokenRefused::OtherClient)
    }
}

/// Those that are asked for, never more than were granted (RFC 6749 §6); asked for none, all.
fn scopes_within(asked: Option<&Scopes>, granted: &Scopes) -> Result<Scopes, TokenRefused> {
    match asked {
        None => Ok(granted.clone()),
        Some(asked) if asked.is_subset(granted) && !asked.is_empty() => Ok(asked.clone()),
        Some(_) => Err(TokenRefused::ScopeExceeded),
    }
}

/// RFC 8707 §2.2: a token request may name resources of the grant, and no others.
pub fn audience(
    parameters: &Parameters,
    server: &ServerIdentity,
    granted: &Resources,
) -> Result<Resources, TokenRefused> {
    let names = parameters.values("resource");
    if names.is_empty() {
        return Ok(granted.clone());
    }
    server
        .resources_named(names)
        .filter(|named| named.is_subset(granted))
        .ok_or(TokenRefused::Resource)
}

/// What a client asks for in its own name (RFC 6749 §4.4), within what the operator allows.
pub fn service_access(
    parameters: &Parameters,
    client: &Client,
    server: &ServerIdentity,
) -> Result<Access, TokenRefused> {
    let service = client.service();
    let allowed = service.resources.iter();
    let allowed = allowed
        .filter_map(|path| server.resource_at(path))
        .collect();
    let allowed = Resources::new(allowed).ok_or(TokenRefused::UnauthorizedClient)?;
    let asked = parameters.value("scope").map(Scopes::known);
    Ok(Access {
        scopes: scopes_within(asked.as_ref(), &service.scopes)?,
        audience: audience(parameters, server, &allowed)?,
    })
}

/// A grant answers only at the identity that made it.
pub fn check_issuer(grant: &Grant, issuer: &Issuer) -> Result<(), TokenRefused> {
    if grant.issuer == *issuer {
        Ok(())
    } else {
        Err(TokenRefused::UnknownGrant)
    }
}
