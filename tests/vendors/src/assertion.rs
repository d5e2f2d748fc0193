//! What Cloudflare Access sends to a self-hosted application behind it: `Cf-Access-Jwt-Assertion`.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::jwt::{Algorithm, Signer};
use crate::keys::{Keys, Slot};
use crate::seen::Seen;
use crate::state::State;

/// How long an assertion lives, by default.
const SESSION: u64 = 24 * 3600;

/// Whom an assertion is about.
pub(crate) enum About<'a> {
    /// Whoever signs in next.
    Person,
    /// A service token, by its client id.
    Service(&'a str),
}

/// An assertion for the application with this AUD tag.
pub(crate) fn mint(state: &mut State, audience: &str, about: &About<'_>) -> String {
    let now = state.now();
    let mut claims = json!({
        "aud": [audience],
        "exp": now + SESSION,
        "iat": now,
        "nbf": now,
        "iss": state.base,
        "type": "app",
    });
    let person = state.next_person();
    let more = match about {
        About::Person => json!({
            "sub": person.id,
            "email": person.email,
            "identity_nonce": state.keys.random(),
            "country": "GB",
        }),
        About::Service(client_id) => json!({ "sub": "", "common_name": client_id }),
    };
    if let (Some(all), Value::Object(more)) = (claims.as_object_mut(), more) {
        all.extend(more);
    }
    let signer = Signer {
        algorithm: Algorithm::Rs256,
        slot: Slot::Current,
        kid: Some(Keys::kid(Algorithm::Rs256, Slot::Current)),
    };
    let assertion = signer.sign(&state.keys, &claims.to_string());
    if matches!(about, About::Person) {
        state.assertions.insert(assertion.clone(), person.id);
    }
    assertion
}

/// Two keys: they change about every six weeks, and the one before stays for a week.
pub(crate) fn certificates(state: &State) -> Answer {
    let keys = [Slot::Current, Slot::Next].map(|slot| state.keys.jwk(Algorithm::Rs256, slot));
    Answer::json(200, &json!({ "keys": keys }))
}

/// Who bears an assertion, with groups, which the assertion itself does not hold.
pub(crate) fn identity(state: &State, seen: &Seen) -> Answer {
    let cookies = seen.header("cookie").unwrap_or_default();
    let mut cookies = cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='));
    let assertion = cookies.find(|(name, _)| *name == "CF_Authorization");
    let person = assertion.and_then(|(_, assertion)| state.assertions.get(assertion));
    let Some(id) = person else {
        return Answer::json(400, &json!({ "err": "no app token set" }));
    };
    let person = state.person(id);
    let body = json!({
        "id": person.id,
        "user_uuid": person.id,
        "name": person.name,
        "email": person.email,
        "groups": person.groups,
    });
    Answer::json(200, &body)
}
