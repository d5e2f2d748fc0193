//! ID tokens and access tokens, and what can be wrong with the former.

use ring::digest::{SHA256, SHA384, digest};
use serde_json::{Value, json};

use crate::jwt::{Algorithm, Signer, base64url};
use crate::keys::{Keys, Slot};
use crate::quirk::Quirk;
use crate::shape::{Claims, Shape};
use crate::state::{State, Told};
use crate::view::View;

const HOUR: u64 = 3600;

/// A new access token: a JWT where the vendor has such, else random.
pub(crate) fn access_token(state: &State, view: &View<'_>) -> String {
    let Some(mut claims) = (state.shape.access_token)(view) else {
        return state.keys.random();
    };
    let now = state.now();
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + HOUR).into());
    claims.insert("jti".to_owned(), state.keys.random().into());
    let signer = current(state.shape.algorithm);
    signer.sign(&state.keys, &Value::from(claims).to_string())
}

/// The ID token for an access token, if the client asked for one that the vendor gives.
pub(crate) fn id_token(state: &mut State, told: &Told, access_token: &str) -> Option<String> {
    let view = told.view();
    let missing = !state.shape.is_openid || !view.has("openid");
    if missing || state.is(&Quirk::MissingIdToken) {
        return None;
    }
    let now = state.now();
    let mut claims = protocol_claims(state.shape, told, (access_token, now));
    claims.extend((state.shape.id_token)(&view));
    let audience = claims.get("aud").cloned().unwrap_or_default();
    let changed = state.due(|quirk| changes(quirk, &audience, now));
    for (name, value) in changed.into_iter().flatten() {
        claims.insert(name.to_owned(), value);
    }
    if state.is(&Quirk::MissingNonce) {
        claims.remove("nonce");
    }
    let mut payload = Value::from(claims).to_string();
    if state.is(&Quirk::DuplicateClaims) {
        payload = payload.replacen('{', "{\"sub\":\"somebody-else\",", 1);
    }
    Some(sign(state, &payload))
}

fn current(algorithm: Algorithm) -> Signer<'static> {
    Signer {
        algorithm,
        slot: Slot::Current,
        kid: Some(Keys::kid(algorithm, Slot::Current)),
    }
}

/// What every ID token says, whoever it tells of.
fn protocol_claims(shape: &Shape, told: &Told, (access_token, now): (&str, u64)) -> Claims {
    let audience = if shape.audience_is_list {
        json!([shape.client_id])
    } else {
        json!(shape.client_id)
    };
    let mut claims = Claims::new();
    claims.insert("iss".to_owned(), told.issuer.clone().into());
    claims.insert("aud".to_owned(), audience);
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + HOUR).into());
    if let Some(nonce) = &told.grant.nonce {
        claims.insert("nonce".to_owned(), nonce.clone().into());
    }
    if shape.access_token_hash {
        let hash = access_token_hash(shape.algorithm, access_token);
        claims.insert("at_hash".to_owned(), hash.into());
    }
    claims
}

/// OpenID Connect Core section 3.1.3.6: the left half of the hash that the signature is over.
fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es384 => &SHA384,
        _ => &SHA256,
    };
    let hash = digest(hash, access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    base64url(left)
}

/// The claims that a quirk sets, if it is one of claims.
fn changes(quirk: &Quirk, audience: &Value, now: u64) -> Option<Vec<(&'static str, Value)>> {
    let until = |expiry: u64| ("exp", json!(expiry));
    Some(match quirk {
        Quirk::WrongIssuer => vec![("iss", json!("https://another.example"))],
        Quirk::WrongAudience => vec![("aud", json!("another-client"))],
        Quirk::WrongAuthorizedParty => {
            let ours = audience.get(0).unwrap_or(audience);
            let both = json!([ours, "another-client"]);
            vec![("aud", both), ("azp", json!("another-client"))]
        }
        Quirk::WrongNonce => vec![("nonce", json!("another-nonce"))],
        Quirk::Expired => vec![("iat", json!(now - 2 * HOUR)), until(now - HOUR)],
        Quirk::NotYetValid => vec![("nbf", json!(now + HOUR)), until(now + 2 * HOUR)],
        Quirk::IssuedInTheFuture => vec![("iat", json!(now + HOUR)), until(now + 2 * HOUR)],
        Quirk::WrongAccessTokenHash => {
            let hash = access_token_hash(Algorithm::Rs256, "another access token");
            vec![("at_hash", json!(hash))]
        }
        _ => return None,
    })
}

/// Signs, unless a quirk has it otherwise.
fn sign(state: &mut State, payload: &str) -> String {
    let algorithm = state.shape.algorithm;
    if state.is(&Quirk::SignedWithPublicKey) {
        return signed_with_public_key(&state.keys, algorithm, payload);
    }
    let mut signer = current(algorithm);
    if state.is(&Quirk::Unsigned) {
        signer.algorithm = Algorithm::None;
    }
    if state.is(&Quirk::UnknownKeyId) {
        signer.kid = Some("unknown");
    }
    if state.is(&Quirk::UnlistedKey) {
        signer.slot = Slot::Next;
        signer.kid = Some("unlisted");
    }
    if state.is(&Quirk::RotatedKeys) {
        state.rotated = true;
    }
    if state.rotated {
        signer.slot = Slot::Next;
        signer.kid = Some(Keys::kid(algorithm, Slot::Next));
    }
    signer.sign(&state.keys, payload)
}

fn signed_with_public_key(keys: &Keys, algorithm: Algorithm, payload: &str) -> String {
    let kid = Keys::kid(algorithm, Slot::Current);
    let header = json!({ "typ": "JWT", "alg": "HS256", "kid": kid }).to_string();
    let message = format!("{}.{}", base64url(header), base64url(payload));
    let mac = keys.mac(&keys.pem(algorithm), message.as_bytes());
    format!("{message}.{}", base64url(mac))
}
