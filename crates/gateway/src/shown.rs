//! What the tool `getToken` shows of the credential that a call came with.
//!
//! *Invariant:* redacted, none of a credential's own characters is in it, nor the length of one
//! that somebody thought up: only what says which of several credentials a client sent.

use configuration::GetToken;
use host::ShownCredential;
use http::{HeaderMap, header};
use serde::Deserialize;

/// The headers that carry a credential by itself.
const OF_THEIR_OWN: [(&str, &str); 2] = [
    ("x-api-key", "X-API-Key"),
    ("cf-access-jwt-assertion", "Cf-Access-Jwt-Assertion"),
];

/// The credential in `headers`, as far as it may be shown.
pub(crate) fn credential(headers: &HeaderMap, how: GetToken) -> Option<ShownCredential> {
    let text = match how {
        GetToken::Off => return None,
        GetToken::Redacted => redacted(headers)?,
        GetToken::Whole => whole(headers)?,
    };
    Some(ShownCredential::new(text))
}

fn whole(headers: &HeaderMap) -> Option<String> {
    let names = OF_THEIR_OWN.iter().map(|(name, _)| *name);
    let mut names = [header::AUTHORIZATION.as_str()].into_iter().chain(names);
    names.find_map(|name| value(headers, name).map(str::to_owned))
}

fn redacted(headers: &HeaderMap) -> Option<String> {
    if let Some(value) = value(headers, header::AUTHORIZATION.as_str()) {
        // What stands before a space may be half of a secret, so only schemes we know are named.
        let (scheme, credential) = value.split_once(' ').unwrap_or_default();
        return Some(match scheme.to_ascii_lowercase().as_str() {
            "apikey" => "ApiKey <key>".to_owned(),
            "bearer" => format!("Bearer <{}>", kind(credential.trim())),
            _ => "<credential>".to_owned(),
        });
    }
    OF_THEIR_OWN.iter().find_map(|(name, written)| {
        let kind = value(headers, name).map(kind)?;
        Some(format!("{written}: <{kind}>"))
    })
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What a credential is. A signed token's length follows from its claims; a key's or a password's
/// would help who guesses it.
fn kind(credential: &str) -> String {
    #[derive(Deserialize)]
    struct Head<'a> {
        typ: Option<&'a str>,
    }
    let head = match credential.split('.').collect::<Vec<_>>().as_slice() {
        [head, _, _] => jose::decode(head),
        _ => None,
    };
    let head = head.as_deref().map(serde_json::from_slice::<Head<'_>>);
    let kind = match head {
        Some(Ok(Head { typ: Some(typ) })) if typ.eq_ignore_ascii_case("at+jwt") => "access token",
        Some(Ok(_)) => "JWT",
        Some(Err(_)) | None => return "key".to_owned(),
    };
    format!("{kind}, {} characters", credential.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(headers: &[(&'static str, &str)], how: GetToken) -> Option<String> {
        let headers = headers.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        credential(&headers.collect(), how).map(|shown| {
            assert!(!format!("{shown:?}").contains("secret"), "{shown:?}");
            shown.text().to_owned()
        })
    }

    #[test]
    fn redacted_nothing_of_the_credential_is_left() {
        let token = |head: &str| format!("{}.c2VjcmV0.secret", jose::encode(head));
        let ours = token(r#"{"alg":"EdDSA","typ":"at+jwt"}"#);
        let other = token(r#"{"alg":"HS256"}"#);
        let no_jwt = "secret.secret.secret";
        for (name, value, expected) in &[
            (
                "authorization",
                format!("Bearer {ours}"),
                format!("Bearer <access token, {} characters>", ours.len()),
            ),
            (
                "authorization",
                format!("bearer  {other}"),
                format!("Bearer <JWT, {} characters>", other.len()),
            ),
            (
                "authorization",
                format!("Bearer {no_jwt}"),
                "Bearer <key>".into(),
            ),
            (
                "authorization",
                "ApiKey a secret".into(),
                "ApiKey <key>".into(),
            ),
            ("authorization", "secret".into(), "<credential>".into()),
            (
                "authorization",
                "secret secret".into(),
                "<credential>".into(),
            ),
            ("x-api-key", "a-secret".into(), "X-API-Key: <key>".into()),
            (
                "cf-access-jwt-assertion",
                other.clone(),
                format!("Cf-Access-Jwt-Assertion: <JWT, {} characters>", other.len()),
            ),
        ] {
            let headers = [(*name, value.as_str())];
            assert_eq!(
                shown(&headers, GetToken::Redacted).as_ref(),
                Some(expected),
                "{value}"
            );
            assert_eq!(shown(&headers, GetToken::Whole).as_ref(), Some(value));
            assert_eq!(shown(&headers, GetToken::Off), None);
        }
        assert_eq!(shown(&[("cookie", "a=secret")], GetToken::Whole), None);
        assert_eq!(shown(&[("cookie", "a=secret")], GetToken::Redacted), None);
    }
}
