//! What a vendor publishes of itself: the discovery document and its keys.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::jwt::Algorithm;
use crate::keys::Slot;
use crate::quirk::Quirk;
use crate::state::State;

/// OpenID Connect Discovery 1.0 section 3, in a realm.
pub(crate) fn document(state: &mut State, realm: &str) -> Answer {
    let issuer = if state.is(&Quirk::DiscoveryIssuer) {
        "https://another.example".to_owned()
    } else {
        state.issuer(realm)
    };
    let shape = state.shape;
    let url = |endpoint| {
        let path = shape.path(endpoint, realm)?;
        Some(format!("{}{path}", state.base))
    };
    let methods: Vec<_> = shape
        .methods
        .iter()
        .filter_map(|method| method.name())
        .collect();
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": url(Endpoint::Authorize),
        "token_endpoint": url(Endpoint::Token),
        "userinfo_endpoint": url(Endpoint::Userinfo),
        "jwks_uri": url(Endpoint::Keys),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [shape.algorithm.name()],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
    });
    if let Some(members) = document.as_object_mut() {
        members.retain(|_, value| !value.is_null());
        if shape.issuer_parameter {
            let name = "authorization_response_iss_parameter_supported";
            members.insert(name.to_owned(), Value::Bool(true));
        }
    }
    Answer::json(200, &document).header("cache-control", "public, max-age=3600")
}

/// The JWK set: what signs ID tokens and, after a rotation, what is to.
pub(crate) fn keys(state: &State) -> Answer {
    let jwk = |algorithm, slot| state.keys.jwk(algorithm, slot);
    let mut keys = vec![jwk(state.shape.algorithm, Slot::Current)];
    if state.rotated {
        keys.insert(0, jwk(state.shape.algorithm, Slot::Next));
    }
    if state.shape.lists_all_keys {
        let others = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384];
        keys.extend(others.map(|algorithm| jwk(algorithm, Slot::Current)));
    }
    if !state.shape.keys_name_algorithm {
        for key in keys.iter_mut().filter_map(Value::as_object_mut) {
            key.remove("alg");
        }
    }
    Answer::json(200, &json!({ "keys": keys }))
}
