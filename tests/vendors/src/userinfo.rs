//! What a vendor tells whoever bears an access token.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::quirk::Quirk;
use crate::seen::Seen;
use crate::shape::Claims;
use crate::shapes::{github, microsoft, slack};
use crate::state::{State, Told};

/// Answers at userinfo, and at what vendors have beside it.
pub(crate) fn answer(state: &mut State, endpoint: Endpoint, seen: &Seen) -> Answer {
    if state.shape.needs_user_agent && seen.header("user-agent").is_none() {
        return github::without_user_agent();
    }
    let Some(told) = bearer(state, seen) else {
        return (state.shape.unknown_bearer)();
    };
    let view = told.view();
    match endpoint {
        Endpoint::Emails => github::emails(&view),
        Endpoint::Organizations => github::organizations(&view, seen),
        Endpoint::Teams => github::teams(&view, seen),
        Endpoint::Groups => microsoft::groups(&view, seen),
        Endpoint::Me => Answer::json(200, &subject(state, microsoft::me(&view)).into()),
        _ if state.shape.needs_openid && !view.has("openid") => {
            let body = json!({ "error": "insufficient_scope", "scope": "openid" });
            Answer::json(403, &body).header(
                "www-authenticate",
                "Bearer error=\"insufficient_scope\", scope=\"openid\"",
            )
        }
        _ => {
            let told = (state.shape.userinfo)(&view);
            Answer::json(200, &subject(state, told).into())
        }
    }
}

/// RFC 6750 section 3.1.
pub(crate) fn unknown_bearer() -> Answer {
    Answer::json(401, &json!({ "error": "invalid_token" }))
        .header("www-authenticate", "Bearer error=\"invalid_token\"")
}

fn bearer(state: &mut State, seen: &Seen) -> Option<Told> {
    let token = seen
        .credentials("Bearer")
        .or_else(|| seen.credentials("token"))?;
    let grant = *state.access_tokens.get(token)?;
    let told = state.told(grant)?;
    (!told.person.disabled).then_some(told)
}

/// Makes it somebody else, if that is the quirk.
fn subject(state: &mut State, mut told: Claims) -> Claims {
    if state.is(&Quirk::OtherSubject) {
        for name in ["sub", "id", "user_id", slack::USER_ID] {
            if let Some(known) = told.get_mut(name) {
                *known = match known {
                    Value::Number(_) => json!(6666),
                    _ => json!("6666"),
                };
            }
        }
    }
    told
}
