//! The token endpoint.
//!
//! *Invariant:* a code or a refresh token is worth something to the client that it was given to,
//! with the redirect URI and the verifier that it was asked for with, and as often as the vendor
//! lets it.

use serde_json::json;

use crate::answer::Answer;
use crate::client::{self, Method};
use crate::id_token;
use crate::pkce;
use crate::quirk::Quirk;
use crate::refusal::Refusal;
use crate::seen::Seen;
use crate::shape::{Repeated, Rotation};
use crate::state::{RefreshToken, State};
use crate::view::claims;

/// Answers a token request.
pub(crate) fn answer(state: &mut State, seen: &Seen) -> Answer {
    if state.is(&Quirk::TokenErrorWith200) {
        let body = json!({ "error": "invalid_grant", "error_description": "As the test wants it" });
        return Answer::json(200, &body);
    }
    let error = state.due(|quirk| match quirk {
        Quirk::TokenError(error) => Some(*error),
        _ => None,
    });
    if let Some(error) = error {
        let body = json!({ "error": error, "error_description": "As the test wants it" });
        return Answer::json(400, &body);
    }
    match granted(state, seen) {
        Ok(answer) => answer,
        Err(refusal) => (state.shape.refuse)(refusal, seen),
    }
}

fn granted(state: &mut State, seen: &Seen) -> Result<Answer, Refusal> {
    let shape = state.shape;
    let reads_json = shape.methods.contains(&Method::Json);
    let readable = if reads_json {
        seen.is_json()
    } else {
        seen.is_form()
    };
    if seen.method != http::Method::POST || !readable {
        return Err(Refusal::Body);
    }
    client::authenticate(shape, seen)?;
    match seen.parameter("grant_type") {
        Some("authorization_code") => redeem(state, seen),
        // GitHub and Slack know no other grant, and do not ask for its name.
        None if shape.optional_grant_type => redeem(state, seen),
        Some("refresh_token") => refresh(state, seen),
        _ => Err(Refusal::GrantType),
    }
}

fn redeem(state: &mut State, seen: &Seen) -> Result<Answer, Refusal> {
    let code = seen.parameter("code").ok_or(Refusal::Code)?;
    let code = state.codes.get_mut(code).ok_or(Refusal::Code)?;
    let grant = code.grant;
    if code.spent {
        // RFC 6749 section 4.1.2: what came of it is revoked.
        state.end(grant);
        return Err(Refusal::Code);
    }
    // A code that somebody tried is spent, whatever they lack.
    code.spent = true;
    let repeated = seen.parameter("redirect_uri");
    let fits = match state.shape.repeated {
        Repeated::Always => repeated == Some(code.redirect_uri.as_str()),
        Repeated::IfGiven => repeated.is_none_or(|repeated| repeated == code.redirect_uri),
        Repeated::Never => true,
    };
    if !fits {
        return Err(Refusal::RedirectUri);
    }
    if !pkce::fits(code.challenge.as_deref(), seen.parameter("code_verifier")) {
        return Err(Refusal::Verifier);
    }
    let refreshes = state.grants.get(grant).is_some_and(|grant| grant.refreshes);
    let given = refreshes && !state.is(&Quirk::MissingRefreshToken);
    let refresh_token = given.then(|| new_refresh_token(state, grant));
    tokens(state, seen, grant, refresh_token)
}

fn refresh(state: &mut State, seen: &Seen) -> Result<Answer, Refusal> {
    let token = seen.parameter("refresh_token").unwrap_or_default();
    let known = state.refresh_tokens.get_mut(token);
    let known = known.ok_or(Refusal::RefreshToken)?;
    let RefreshToken { grant, used } = *known;
    known.used = true;
    if state.grants.get(grant).is_none_or(|grant| grant.dead) {
        return Err(Refusal::RefreshToken);
    }
    if used && state.shape.rotation == Rotation::Rotated {
        state.end(grant);
        return Err(Refusal::RefreshToken);
    }
    // OpenID Connect Core section 12.2: a nonce is not said again.
    if let Some(grant) = state.grants.get_mut(grant) {
        grant.nonce = None;
    }
    let renewed = state.shape.rotation != Rotation::Kept;
    let given = renewed && !state.is(&Quirk::MissingRefreshToken);
    let refresh_token = given.then(|| new_refresh_token(state, grant));
    tokens(state, seen, grant, refresh_token)
}

fn new_refresh_token(state: &mut State, grant: usize) -> String {
    let token = state.keys.random();
    let known = RefreshToken { grant, used: false };
    state.refresh_tokens.insert(token.clone(), known);
    token
}

fn tokens(
    state: &mut State,
    seen: &Seen,
    grant: usize,
    refresh_token: Option<String>,
) -> Result<Answer, Refusal> {
    let told = state.told(grant).ok_or(Refusal::Code)?;
    if told.person.disabled {
        return Err(Refusal::Disabled);
    }
    let view = told.view();
    let access_token = id_token::access_token(state, &view);
    state.access_tokens.insert(access_token.clone(), grant);
    let mut answer = claims(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": view.scope(),
    }));
    if let Some(token) = refresh_token {
        answer.insert("refresh_token".to_owned(), token.into());
    }
    if let Some(token) = id_token::id_token(state, &told, &access_token) {
        answer.insert("id_token".to_owned(), token.into());
    }
    (state.shape.granted)(&view, &mut answer);
    let answer = answer.into();
    if state.shape.forms && !seen.wants_json() {
        return Ok(Answer::form(200, &answer));
    }
    Ok(Answer::json(200, &answer))
}
