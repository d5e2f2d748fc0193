//! What a request shows: one credential, in one of the places where clients put them.
//!
//! *Invariant:* of two that a client shows and that differ none is chosen, since whoever put one
//! there may not have put the other; and a token in a URL is not read (RFC 6750 §2.1).

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::CredentialRefused;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Cloudflare Access puts its assertion into both, the second where a browser calls.
const ACCESS_ASSERTION: HeaderName = HeaderName::from_static("cf-access-jwt-assertion");
const ACCESS_COOKIE: &str = "CF_Authorization";

/// A credential, not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presented<'a> {
    /// Of Cloudflare Access in front of us.
    AccessAssertion(&'a str),
    /// A key.
    ApiKey(&'a str),
    /// A token.
    Bearer(&'a str),
    /// Of a scheme that is not taken here, or nothing behind one that is.
    Unreadable,
}

/// The credential of a request; Access is looked for only where it is in front of us.
pub(super) fn read(
    headers: &HeaderMap,
    behind_access: bool,
) -> Result<Option<Presented<'_>>, CredentialRefused> {
    if headers.get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(CredentialRefused::SeveralHeaders);
    }
    let authorization = headers.get(AUTHORIZATION).into_iter();
    let keys = headers.get_all(API_KEY).iter();
    let shown = authorization.map(of_authorization).chain(keys.map(key));
    let shown = one(shown)?;
    if !behind_access {
        return Ok(shown);
    }
    let assertions = headers.get_all(ACCESS_ASSERTION).iter().map(assertion);
    let assertion = one(assertions.chain(cookies(headers)))?;
    Ok(match (shown, assertion) {
        // A token that cannot be read here was Access's own: it let the request through.
        (Some(Presented::Bearer(token)), Some(assertion)) if !is_jwt(token) => Some(assertion),
        // Access says of everybody who they are; a client says what it wants to be taken by.
        (Some(shown), _) => Some(shown),
        (None, assertion) => assertion,
    })
}

fn is_jwt(token: &str) -> bool {
    token.split('.').count() == 3
}

/// The same in two places is one.
fn one<'a>(
    mut shown: impl Iterator<Item = Presented<'a>>,
) -> Result<Option<Presented<'a>>, CredentialRefused> {
    let first = shown.next();
    if shown.all(|other| Some(other) == first) {
        Ok(first)
    } else {
        Err(CredentialRefused::Several)
    }
}

fn of_authorization(value: &HeaderValue) -> Presented<'_> {
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    let Some((scheme, credential)) = parts else {
        return Presented::Unreadable;
    };
    // RFC 9110 §11.1: schemes are case-insensitive.
    let is = |known: &str| scheme.eq_ignore_ascii_case(known);
    match credential.trim() {
        "" => Presented::Unreadable,
        token if is("bearer") => Presented::Bearer(token),
        key if is("apikey") => Presented::ApiKey(key),
        _ => Presented::Unreadable,
    }
}

fn key(value: &HeaderValue) -> Presented<'_> {
    let text = value.to_str().map(str::trim).unwrap_or_default();
    if text.is_empty() {
        Presented::Unreadable
    } else {
        Presented::ApiKey(text)
    }
}

fn assertion(value: &HeaderValue) -> Presented<'_> {
    let text = value.to_str().map(str::trim).unwrap_or_default();
    if text.is_empty() {
        Presented::Unreadable
    } else {
        Presented::AccessAssertion(text)
    }
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Presented<'_>> {
    let values = headers.get_all(COOKIE).iter();
    let pairs = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, value)| *name == ACCESS_COOKIE && !value.is_empty())
        .map(|(_, value)| Presented::AccessAssertion(value))
}

#[cfg(test)]
mod tests {
    use super::Presented as P;
    use super::*;

    fn shown(lines: &[(&'static str, &str)], access: bool) -> Result<Option<String>, String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append(*name, value);
        }
        let found = read(&headers, access).map_err(|refused| refused.to_string())?;
        Ok(found.map(|shown| match shown {
            P::AccessAssertion(text) => format!("access {text}"),
            P::ApiKey(key) => format!("key {key}"),
            P::Bearer(token) => format!("bearer {token}"),
            P::Unreadable => "unreadable".to_owned(),
        }))
    }

    #[test]
    fn one_credential_is_read_from_where_clients_put_it() {
        for (lines, expected) in [
            (&[][..], None),
            (&[("authorization", "Bearer t")], Some("bearer t")),
            (&[("authorization", "bEARER   t ")], Some("bearer t")),
            (&[("authorization", "ApiKey k")], Some("key k")),
            (&[("authorization", "aPIkEY k")], Some("key k")),
            (&[("x-api-key", " k ")], Some("key k")),
            (&[("authorization", "k")], Some("unreadable")),
            (&[("authorization", "")], Some("unreadable")),
            (&[("authorization", "Bearer ")], Some("unreadable")),
            (&[("authorization", "Basic dTpw")], Some("unreadable")),
            (&[("authorization", "Bearer ü")], Some("unreadable")),
            (&[("x-api-key", "")], Some("unreadable")),
            (
                &[("cookie", "a=b; CF_Authorization=j; c=d")],
                Some("access j"),
            ),
            (&[("cookie", "a=b; cf_authorization=j")], None),
            (&[("cookie", "CF_Authorization=")], None),
            (&[("cf-access-jwt-assertion", "j")], Some("access j")),
            (
                &[
                    ("cf-access-jwt-assertion", "j"),
                    ("cookie", "CF_Authorization=j"),
                ],
                Some("access j"),
            ),
            (
                &[("x-api-key", "k"), ("authorization", "ApiKey k")],
                Some("key k"),
            ),
            (&[("x-api-key", "k"), ("x-api-key", "k")], Some("key k")),
            (&[("x-user-id", "ada"), ("x-auth-method", "jwt")], None),
        ] {
            assert_eq!(
                shown(lines, true),
                Ok(expected.map(str::to_owned)),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn two_that_differ_are_none() {
        for lines in [
            [("authorization", "Bearer t"), ("x-api-key", "k")],
            [("authorization", "Bearer k"), ("x-api-key", "k")],
            [("authorization", "Basic dTpw"), ("x-api-key", "k")],
            [("authorization", "Bearer t"), ("authorization", "Bearer t")],
            [("x-api-key", "k"), ("x-api-key", "l")],
            [
                ("cf-access-jwt-assertion", "j"),
                ("cookie", "CF_Authorization=i"),
            ],
            [
                ("cookie", "CF_Authorization=j"),
                ("cookie", "CF_Authorization=i"),
            ],
        ] {
            assert!(shown(&lines, true).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn what_a_client_shows_comes_before_what_access_says_of_everybody() {
        for (credential, expected) in [
            (("authorization", "Bearer a.b.c"), "bearer a.b.c"),
            (("authorization", "Bearer opaque"), "access j"),
            (("authorization", "Basic dTpw"), "unreadable"),
            (("authorization", "ApiKey k"), "key k"),
            (("x-api-key", "k"), "key k"),
        ] {
            let lines = [credential, ("cf-access-jwt-assertion", "j")];
            assert_eq!(
                shown(&lines, true),
                Ok(Some(expected.to_owned())),
                "{credential:?}"
            );
        }
    }

    #[test]
    fn access_is_nothing_where_it_is_not_in_front_of_us() {
        let both = [
            ("cf-access-jwt-assertion", "j"),
            ("cookie", "CF_Authorization=i"),
        ];
        assert_eq!(shown(&both, false), Ok(None));
        let with_token = [
            ("authorization", "Bearer t"),
            ("cookie", "CF_Authorization=i"),
        ];
        assert_eq!(shown(&with_token, false), Ok(Some("bearer t".to_owned())));
    }
}
