//! The authorization endpoint, for a browser that agrees to everything at once.
//!
//! *Invariant:* nobody is sent to a redirect URI that was not asked for, or not registered.

use url::Url;

use crate::answer::Answer;
use crate::pkce::Pkce;
use crate::quirk::Quirk;
use crate::seen::Seen;
use crate::shape::Refresh;
use crate::state::{Code, Grant, State};

/// Where the browser goes back to.
struct Back {
    redirect_uri: Url,
    state: Option<String>,
    issuer: Option<String>,
}

impl Back {
    fn with(self, parameters: &[(&str, &str)]) -> Answer {
        let mut location = self.redirect_uri;
        let mut query = location.query_pairs_mut();
        query.extend_pairs(parameters);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        if let Some(issuer) = &self.issuer {
            query.append_pair("iss", issuer);
        }
        drop(query);
        Answer::redirect(location)
    }

    fn refusing(self, error: &str, description: &str) -> Answer {
        self.with(&[("error", error), ("error_description", description)])
    }
}

/// Answers an authorization request.
pub(crate) fn answer(state: &mut State, seen: &Seen, realm: &str) -> Answer {
    let Some(redirect_uri) = redirect_uri(state, seen) else {
        return Answer::page(
            400,
            "This application asks for something that it may not ask for",
        );
    };
    let person = state.next_person();
    let realm = (state.shape.home)(&person, realm);
    let back = Back {
        redirect_uri,
        state: seen.parameter("state").map(str::to_owned),
        issuer: issuer_parameter(state, &realm),
    };
    let error = state.due(|quirk| match quirk {
        Quirk::AuthorizationError(error) => Some(*error),
        _ => None,
    });
    if let Some(error) = error {
        return back.refusing(error, "As the test wants it");
    }
    if seen.parameter("response_type") != Some("code") {
        return back.refusing("unsupported_response_type", "Only code is supported");
    }
    if let Some((error, description)) = objection(state, seen) {
        return back.refusing(error, description);
    }
    if person.disabled {
        return back.refusing("access_denied", "The account is disabled");
    }
    let code = issue(state, seen, &realm);
    back.with(&[("code", &code)])
}

/// The redirect URI, if client and URI are known: nothing else is worth a redirect.
fn redirect_uri(state: &State, seen: &Seen) -> Option<Url> {
    let asked = seen.parameter("redirect_uri")?;
    let registered = &state.redirect_uris;
    let known = registered.is_empty() || registered.iter().any(|uri| uri == asked);
    let ours = seen.parameter("client_id") == Some(state.shape.client_id);
    (known && ours).then(|| Url::parse(asked).ok()).flatten()
}

fn issuer_parameter(state: &mut State, realm: &str) -> Option<String> {
    if state.is(&Quirk::WrongIssuerParameter) {
        return Some("https://another.example".to_owned());
    }
    state.shape.issuer_parameter.then(|| state.issuer(realm))
}

/// Why a request is sent back, but for its response type.
fn objection(state: &State, seen: &Seen) -> Option<(&'static str, &'static str)> {
    let objection = (state.shape.objection)(seen);
    if objection.is_some() {
        return objection;
    }
    let challenge = seen.parameter("code_challenge");
    let method = seen.parameter("code_challenge_method");
    match (state.shape.pkce, challenge, method) {
        (Pkce::Required, None, _) => Some(("invalid_request", "code_challenge is required")),
        (_, Some(_), Some("S256")) | (Pkce::Honoured, None, _) => None,
        (_, Some(_), _) => Some(("invalid_request", "code_challenge_method must be S256")),
    }
}

/// Makes a code for whoever signs in next.
fn issue(state: &mut State, seen: &Seen, realm: &str) -> String {
    let scopes = seen.parameter("scope").unwrap_or_default();
    let separators = [' ', ','];
    let scopes: Vec<String> = scopes
        .split(separators)
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    let text = |name| seen.parameter(name).map(str::to_owned);
    let person = state.next_person().id;
    let refreshes = refreshes(state, seen, &scopes, &person);
    state.consents.insert(person.clone());
    let grant = state.grants.len();
    state.grants.push(Grant {
        person,
        realm: realm.to_owned(),
        scopes,
        nonce: text("nonce"),
        audience: text("audience"),
        refreshes,
        dead: false,
    });
    let code = state.keys.random();
    state.codes.insert(
        code.clone(),
        Code {
            grant,
            redirect_uri: text("redirect_uri").unwrap_or_default(),
            challenge: text("code_challenge"),
            spent: false,
        },
    );
    code
}

/// Whether this request earns a refresh token.
fn refreshes(state: &State, seen: &Seen, scopes: &[String], person: &str) -> bool {
    let offline = scopes.iter().any(|scope| scope == "offline_access");
    let prompts = seen.parameter("prompt").unwrap_or_default();
    let consent = prompts.split(' ').any(|prompt| prompt == "consent");
    match state.shape.refresh {
        Refresh::Never => false,
        Refresh::Always => true,
        Refresh::OfflineAccess => offline,
        Refresh::OfflineAccessWithConsent => offline && consent,
        Refresh::OfflineAccessType => {
            let first = consent || !state.consents.contains(person);
            seen.parameter("access_type") == Some("offline") && first
        }
    }
}
