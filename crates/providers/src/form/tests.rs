use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Method, Request};
use oauth::CodeVerifier;
use serde_json::Value;
use url::form_urlencoded::parse;

use crate::catalogue::CATALOGUE;
use crate::discovery::Discovered;
use crate::provider::Authentication;
use crate::samples::{CLIENT, SECRET, set, upstream};
use crate::upstream::Upstream;

fn known(upstream: &Upstream) -> Discovered {
    let mut known = upstream.undiscovered();
    let token = || format!("{}/token", upstream.issuer.as_deref().unwrap());
    known.endpoints.token.get_or_insert_with(token);
    known
}

fn code_request(upstream: &Upstream) -> Request<Bytes> {
    let verifier = CodeVerifier::new([7; 32]);
    let callback = "https://postern.example/callback?a=b";
    let request = upstream.code_request(&known(upstream), "c&1", callback, &verifier);
    request.unwrap()
}

/// The members of a form or of a JSON object, in order of their names.
fn said(request: &Request<Bytes>) -> Vec<(String, String)> {
    let mut said: Vec<_> = match request.headers()[CONTENT_TYPE].to_str().unwrap() {
        "application/json" => {
            let object: Value = serde_json::from_slice(request.body()).unwrap();
            let members = object.as_object().unwrap().iter();
            members
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect()
        }
        "application/x-www-form-urlencoded" => parse(request.body()).into_owned().collect(),
        other => panic!("{other}"),
    };
    said.sort();
    said
}

#[test]
fn a_code_is_exchanged_in_the_one_way_that_its_provider_takes() {
    let verifier = CodeVerifier::new([7; 32]);
    let grant = [
        ("code", "c&1"),
        ("code_verifier", verifier.as_str()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://postern.example/callback?a=b"),
    ];
    for provider in CATALOGUE {
        let upstream = upstream(provider.id);
        let request = code_request(&upstream);
        assert_eq!(request.method(), Method::POST);
        assert!(upstream.reaches(&request.uri().to_string()));
        assert_eq!(request.headers()[ACCEPT], "application/json");
        assert!(request.headers().contains_key(USER_AGENT));
        let in_header = provider.authentication == Authentication::Basic;
        let mut expected = grant.to_vec();
        if !in_header {
            expected.extend([("client_id", CLIENT), ("client_secret", SECRET)]);
        }
        expected.sort_unstable();
        let said = said(&request);
        let said: Vec<_> = said
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(said, expected, "{}", provider.id);
        let header = request.headers().get(AUTHORIZATION);
        assert_eq!(header.is_some(), in_header, "{}", provider.id);
        assert!(header.is_none_or(http::HeaderValue::is_sensitive));
        assert!(!request.uri().to_string().contains(SECRET));
    }
    let request = code_request(&upstream("workos"));
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
}

#[test]
fn a_client_without_a_secret_says_its_name_alone() {
    for (id, secret) in [
        ("oidc", "oidc_client_secret"),
        ("oauth2", "oauth2_client_secret"),
        ("stytch", "stytch_client_secret"),
        ("descope-federated", "descope_access_key"),
    ] {
        let request = code_request(&set(id, &[(secret, "")]));
        let said = said(&request);
        assert!(
            said.contains(&("client_id".to_owned(), CLIENT.to_owned())),
            "{id}"
        );
        assert!(said.iter().all(|(name, _)| name != "client_secret"), "{id}");
        assert!(!request.headers().contains_key(AUTHORIZATION));
    }
}

#[test]
fn ids_and_secrets_of_any_characters_arrive() {
    for (id, secret) in [
        ("app", "s3cret"),
        ("a:b", "c:d"),
        ("a b", "50%+1&x=y"),
        ("\u{e4}|\u{1f511}", "\"\\\u{7f}\u{e9}"),
    ] {
        let clerk = set(
            "clerk",
            &[("clerk_client_id", id), ("clerk_client_secret", secret)],
        );
        let request = code_request(&clerk);
        let header = request.headers()[AUTHORIZATION].to_str().unwrap();
        let pair = jose::decode_base64(header.strip_prefix("Basic ").unwrap()).unwrap();
        let pair = String::from_utf8(pair).unwrap();
        // RFC 6749 §2.3.1: one colon stands between two encoded words.
        let (name, word) = pair.split_once(':').unwrap();
        let decoded = |word: &str| parse(word.as_bytes()).next().unwrap().0.into_owned();
        assert_eq!(
            (decoded(name).as_str(), decoded(word).as_str()),
            (id, secret)
        );
        assert!(!word.contains(':'));
        for provider in ["auth0", "workos"] {
            let ours = upstream(provider).provider;
            let others = [(ours.client_id, id), (ours.client_secret, secret)];
            let other = if provider == "workos" {
                // The id is in the address of its keys, where anything is encoded.
                set(provider, &[(ours.client_secret, secret)])
            } else {
                set(provider, &others)
            };
            let said = said(&code_request(&other));
            assert!(said.contains(&("client_secret".to_owned(), secret.to_owned())));
        }
    }
}

#[test]
fn a_refresh_token_is_exchanged_alike() {
    let auth0 = upstream("auth0");
    let request = auth0.refresh_request(&known(&auth0), "r+1").unwrap();
    let expected = [
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", "r+1"),
    ];
    let owned = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(said(&request), owned);
}

#[test]
fn neither_a_secret_nor_a_token_goes_to_a_strangers_host() {
    let auth0 = upstream("auth0");
    let verifier = CodeVerifier::new([7; 32]);
    for url in [
        "https://evil.example/token",
        "https://acme.auth0.example.evil.example/token",
        "https://acme.auth0.example@evil.example/token",
        "https://acme.auth0.example:8443/token",
        "http://acme.auth0.example/token",
        "/token",
        "",
    ] {
        let mut elsewhere = auth0.undiscovered();
        elsewhere.endpoints.token = Some(url.to_owned());
        assert!(
            auth0
                .code_request(&elsewhere, "c", "r", &verifier)
                .is_none(),
            "{url}"
        );
        assert!(auth0.refresh_request(&elsewhere, "r").is_none(), "{url}");
        assert!(auth0.bearer_request(url, "a").is_none(), "{url}");
    }
    assert!(
        auth0
            .code_request(&auth0.undiscovered(), "c", "r", &verifier)
            .is_none()
    );
}

#[test]
fn an_access_token_travels_in_a_header_that_nobody_prints() {
    let github = upstream("github");
    let request = github
        .bearer_request("https://api.github.com/user", "gho_1")
        .unwrap();
    assert_eq!(request.method(), Method::GET);
    let header = &request.headers()[AUTHORIZATION];
    assert_eq!(header, "Bearer gho_1");
    assert!(header.is_sensitive() && !format!("{request:?}").contains("gho_1"));
    assert!(request.headers().contains_key(USER_AGENT));
    for token in ["a\r\nX-Evil: 1", "a\0", "a\n"] {
        assert!(
            github
                .bearer_request("https://api.github.com/user", token)
                .is_none()
        );
    }
}

#[test]
fn what_is_public_is_asked_for_without_a_name() {
    let request = Upstream::public_request("https://id.acme.example/jwks").unwrap();
    assert!(!request.headers().contains_key(AUTHORIZATION));
    assert_eq!(request.headers()[ACCEPT], "application/json");
    assert!(request.body().is_empty());
    assert!(Upstream::public_request("https://a b/").is_none());
}
