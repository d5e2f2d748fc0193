//! The authorization request (OAuth 2.1 §4.1.1): its rules, in their order.
//!
//! *Invariant:* until client and redirect URI hold, a refusal is a page; only then can one be a
//! redirect, and the type says which.

use crate::client::{Client, ClientRefused};
use crate::grant_type::GrantType;
use crate::identity::ServerIdentity;
use crate::parameters::Parameters;
use crate::pkce::{CodeChallenge, PkceRefused};
use crate::redirect_uri::RegisteredRedirect;
use crate::resource::Resources;
use crate::scope::Scopes;

/// The parameters of ours that a person's browser carries through the consent page.
pub const PARAMETERS: [&str; 12] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "scope",
    "resource",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "request",
    "request_uri",
];

/// The most characters of `state` and redirect URI together: they travel in a cookie.
const MOST_CARRIED: usize = 600;

/// An authorization request that may be put to a person.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client: Client,
    /// Where the answer goes.
    pub redirect: RegisteredRedirect,
    /// The client's own state.
    pub state: Option<String>,
    /// What it asks for.
    pub scopes: Scopes,
    /// What it wants to reach.
    pub resources: Resources,
    /// What its verifier must answer.
    pub challenge: CodeChallenge,
}

/// Why a person is shown a page instead of a redirect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageRefused {
    /// The client is not known.
    #[error(transparent)]
    Client(#[from] ClientRefused),
    /// The redirect URI is not the client's.
    #[error("the parameter `redirect_uri` is not one that this client registered")]
    Redirect,
}

/// Why a request is refused to its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    /// PKCE is missing or weak.
    #[error(transparent)]
    Pkce(#[from] PkceRefused),
    /// RFC 9101 is not offered.
    #[error("request objects (`request`, `request_uri`) are not supported")]
    RequestObject,
    /// RFC 8707 §2.
    #[error("the parameter `resource` must name this server's MCP endpoint (/mcp or /sse)")]
    Resource,
    /// Only the query carries answers.
    #[error("the parameter `response_mode` must be query")]
    ResponseMode,
    /// RFC 6749 §3.1.1.
    #[error("the parameter `response_type` must be code")]
    ResponseType,
    /// RFC 6749 §3.1.1.
    #[error("the parameter `response_type` is missing")]
    ResponseTypeMissing,
    /// None of the scopes is known.
    #[error(
        "the parameter `scope` names no scope of this server (mcp:tools, profile, offline_access)"
    )]
    Scope,
    /// RFC 6749 appendix A.5, and no more than a cookie holds.
    #[error(
        "the parameter `state` must be printable ASCII, with `redirect_uri` at most 600 characters"
    )]
    State,
    /// RFC 6749 §4.1.2.1.
    #[error("this client is not configured for authorization_code")]
    UnauthorizedClient,
}

/// A refusal, and where it may be shown.
#[derive(Clone, Debug)]
pub enum AuthorizeRefused {
    /// To the person, on a page: nobody may be redirected.
    Page(PageRefused),
    /// To the client.
    Redirect {
        /// Where.
        to: Box<RegisteredRedirect>,
        /// The client's state, unless that is what is refused.
        state: Option<String>,
        /// Why.
        reason: RequestRefused,
    },
}

impl std::fmt::Display for AuthorizeRefused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Page(reason) => reason.fmt(formatter),
            Self::Redirect { reason, .. } => reason.fmt(formatter),
        }
    }
}

/// Runs every rule, in order; `found` is who the parameter `client_id` names.
pub fn check(
    parameters: &Parameters,
    found: Result<Client, ClientRefused>,
    server: &ServerIdentity,
) -> Result<AuthorizationRequest, AuthorizeRefused> {
    let page = AuthorizeRefused::Page;
    let client = found.map_err(|reason| page(reason.into()))?;
    let redirect =
        RegisteredRedirect::find(client.redirect_uris(), parameters.value("redirect_uri"))
            .ok_or(page(PageRefused::Redirect))?;
    let state = parameters
        .value("state")
        .filter(|state| is_state(state, &redirect))
        .map(str::to_owned);
    match rest(&client, parameters, &redirect, server) {
        Ok((challenge, resources, scopes)) => Ok(AuthorizationRequest {
            client,
            redirect,
            state,
            scopes,
            resources,
            challenge,
        }),
        Err(reason) => Err(AuthorizeRefused::Redirect {
            to: Box::new(redirect),
            state,
            reason,
        }),
    }
}

fn rest(
    client: &Client,
    parameters: &Parameters,
    redirect: &RegisteredRedirect,
    server: &ServerIdentity,
) -> Result<(CodeChallenge, Resources, Scopes), RequestRefused> {
    if !client.may_use(GrantType::AuthorizationCode) {
        return Err(RequestRefused::UnauthorizedClient);
    }
    check_state(parameters, redirect)?;
    check_request_object(parameters)?;
    check_response_type(parameters)?;
    check_response_mode(parameters)?;
    let challenge = CodeChallenge::parse(
        parameters.value("code_challenge"),
        parameters.value("code_challenge_method"),
    )?;
    let resources = server
        .resources_named(parameters.values("resource"))
        .ok_or(RequestRefused::Resource)?;
    let scopes = scopes(parameters)?;
    Ok((challenge, resources, scopes))
}

/// Another character would come back from the consent form as something else.
fn is_state(state: &str, redirect: &RegisteredRedirect) -> bool {
    let printable = |byte| (b' '..=b'~').contains(&byte);
    state.len() + redirect.as_str().len() <= MOST_CARRIED && state.bytes().all(printable)
}

fn check_state(
    parameters: &Parameters,
    redirect: &RegisteredRedirect,
) -> Result<(), RequestRefused> {
    match parameters.value("state") {
        Some(state) if !is_state(state, redirect) => Err(RequestRefused::State),
        _ => Ok(()),
    }
}

fn check_request_object(parameters: &Parameters) -> Result<(), RequestRefused> {
    let present = |name| parameters.value(name).is_some();
    if present("request") || present("request_uri") {
        Err(RequestRefused::RequestObject)
    } else {
        Ok(())
    }
}

fn check_response_type(parameters: &Parameters) -> Result<(), RequestRefused> {
    match parameters.value("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(RequestRefused::ResponseType),
        None => Err(RequestRefused::ResponseTypeMissing),
    }
}

fn check_response_mode(parameters: &Parameters) -> Result<(), RequestRefused> {
    match parameters.value("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err(RequestRefused::ResponseMode),
    }
}

fn scopes(parameters: &Parameters) -> Result<Scopes, RequestRefused> {
    match parameters.value("scope") {
        None => Ok(Scopes::default_grant()),
        Some(text) => Some(Scopes::known(text))
            .filter(|known| !known.is_empty())
            .ok_or(RequestRefused::Scope),
    }
}
