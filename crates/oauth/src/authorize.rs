//! The authorization request (OAuth 2.1 §4.1.1): its rules, in their order.
//!
//! *Invariant:* until client and redirect URI hold, a refusal is a page; only then can one be a
//! redirect, and the type says which.

use crate::client::{Client, ClientRefused};
use crate::grant_type::GrantType;
use crate::identity::ServerIdentity;
use crate::parameters::Parameters;
use crate::pkce::{CodeChallenge, PkceRefused};
use crate::prompt::{PromptRefused, Prompting};
use crate::redirect_uri::RegisteredRedirect;
use crate::resource::Resources;
use crate::scope::Scopes;

/// The parameters of ours that a person's browser carries through the consent page.
pub const PARAMETERS: [&str; 14] = [
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
    "max_age",
    "login_hint",
    "request",
    "request_uri",
];

/// Those of them whose repetition the client can be told of: all that do not say where it is.
pub const ANSWERABLE: &[&str] = PARAMETERS.split_at(2).1;

/// The most characters of `state`, redirect URI and our own name together: they travel in a cookie.
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
    /// How it wants the person to be asked.
    pub prompting: Prompting,
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
    /// `prompt=none`, and nobody agreed to this before.
    #[error("the person has not agreed to this yet, and `prompt` is none")]
    ConsentRequired,
    /// `prompt=none`, and the place that gets the answer needs a click.
    #[error("the person must be asked, because of where the answer goes, and `prompt` is none")]
    InteractionRequired,
    /// `prompt=none`, and nobody is signed in.
    #[error("nobody is signed in, or not recently enough, and `prompt` is none")]
    LoginRequired,
    /// PKCE is missing or weak.
    #[error(transparent)]
    Pkce(#[from] PkceRefused),
    /// How the person is to be asked is not understood.
    #[error(transparent)]
    Prompt(#[from] PromptRefused),
    /// RFC 6749 §3.1.
    #[error("the parameter `{0}` is given more than once")]
    Repeated(&'static str),
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
        "the parameter `state` must be printable ASCII, and shorter where `redirect_uri` is long"
    )]
    State,
    /// What would tell cannot be asked right now.
    #[error("the store does not answer: try again later")]
    Unavailable,
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

impl AuthorizationRequest {
    /// The refusal of this request to its client, for a `reason` that is no fault of its own.
    #[must_use]
    pub fn refused(&self, reason: RequestRefused) -> AuthorizeRefused {
        AuthorizeRefused::Redirect {
            to: Box::new(self.redirect.clone()),
            state: self.state.clone(),
            reason,
        }
    }
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
        .filter(|state| is_state(state, &redirect, server))
        .map(str::to_owned);
    match rest(&client, parameters, &redirect, server) {
        Ok((challenge, resources, scopes, prompting)) => Ok(AuthorizationRequest {
            client,
            redirect,
            state,
            scopes,
            resources,
            challenge,
            prompting,
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
) -> Result<(CodeChallenge, Resources, Scopes, Prompting), RequestRefused> {
    if !client.may_use(GrantType::AuthorizationCode) {
        return Err(RequestRefused::UnauthorizedClient);
    }
    check_state(parameters, redirect, server)?;
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
    let prompting = Prompting::parse(parameters)?;
    Ok((challenge, resources, scopes, prompting))
}

/// Another character would come back from the consent form as something else.
fn is_state(state: &str, redirect: &RegisteredRedirect, server: &ServerIdentity) -> bool {
    let printable = |byte| (b' '..=b'~').contains(&byte);
    // In the cookie it is JSON, where these two take a backslash more.
    let escaped = state.matches(['"', '\\']).count();
    let carried = state.len() + escaped + redirect.as_str().len() + server.issuer().as_str().len();
    carried <= MOST_CARRIED && state.bytes().all(printable)
}

fn check_state(
    parameters: &Parameters,
    redirect: &RegisteredRedirect,
    server: &ServerIdentity,
) -> Result<(), RequestRefused> {
    match parameters.value("state") {
        Some(state) if !is_state(state, redirect, server) => Err(RequestRefused::State),
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
