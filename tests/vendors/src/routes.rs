//! From a request to its endpoint.

use serde_json::json;

use crate::answer::Answer;
use crate::assertion;
use crate::authorize;
use crate::discovery;
use crate::endpoint::Endpoint;
use crate::fault;
use crate::seen::Seen;
use crate::state::State;
use crate::token;
use crate::userinfo;

/// Answers a request, and notes it.
pub(crate) fn answer(state: &mut State, seen: &Seen) -> Answer {
    let found = if seen.path == fault::ELSEWHERE {
        Some((Endpoint::Elsewhere, String::new()))
    } else {
        state.shape.endpoint(&seen.path)
    };
    let Some((endpoint, realm)) = found else {
        return Answer::json(404, &json!({ "message": "Not Found" }));
    };
    state.note(endpoint, seen.clone());
    let broken = fault::of(state, endpoint);
    let instead = broken
        .as_ref()
        .and_then(|broken| fault::instead(broken, &state.base));
    if let Some(instead) = instead {
        return instead;
    }
    let answer = match endpoint {
        Endpoint::Authorize => authorize::answer(state, seen, &realm),
        Endpoint::Certificates => assertion::certificates(state),
        Endpoint::Discovery => discovery::document(state, &realm),
        Endpoint::Elsewhere => Answer::json(200, &json!({})),
        Endpoint::Identity => assertion::identity(state, seen),
        Endpoint::Keys => discovery::keys(state),
        Endpoint::Token => token::answer(state, seen),
        Endpoint::Emails
        | Endpoint::Groups
        | Endpoint::Me
        | Endpoint::Organizations
        | Endpoint::Teams
        | Endpoint::Userinfo => userinfo::answer(state, endpoint, seen),
    };
    match broken {
        Some(broken) => fault::lay(&broken, answer),
        None => answer,
    }
}
