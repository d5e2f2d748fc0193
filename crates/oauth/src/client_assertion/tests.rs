//! Assertions, good but for one thing.

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use super::*;
use crate::identity::{Identities, WhoAsked};

const NOW: u64 = 1_800_000_000;
const CLIENT: &str = "https://client.example/metadata.json";
const ISSUER: &str = "https://mcp.example.com";

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn keys() -> ForeignKeys {
    let x = jose::encode(key().public_key().as_ref());
    let key = json!({ "kid": "k", "kty": "OKP", "crv": "Ed25519", "x": x });
    ForeignKeys::parse_value(&json!({ "keys": [key] })).unwrap()
}

fn server() -> ServerIdentity {
    let identities = Identities::read(Some(ISSUER), None).unwrap();
    identities.reached_by(&WhoAsked::default()).unwrap()
}

fn claims() -> Value {
    json!({ "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "j1", "iat": NOW, "exp": NOW + 60 })
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "k" })
}

fn sign(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| jose::encode(part.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = key().sign(signed.as_bytes());
    format!("{signed}.{}", jose::encode(signature))
}

fn form(pairs: &[(&str, &str)]) -> Parameters {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Parameters::parse(form.as_bytes()).unwrap()
}

fn present(jwt: &str) -> Result<Option<PresentedAssertion>, ClientAssertionRefused> {
    PresentedAssertion::parse(&form(&[
        ("client_assertion_type", CLIENT_ASSERTION_TYPE),
        ("client_assertion", jwt),
    ]))
}

fn check_with(
    header: &Value,
    claims: &Value,
    now: Timestamp,
) -> Result<ClientAssertion, ClientAssertionRefused> {
    let presented = present(&sign(header, claims))?.unwrap();
    let server = server();
    let expected = Expected {
        client_id: CLIENT,
        algorithms: ALGORITHMS,
        server: &server,
        path: "/oauth/token",
    };
    presented.verify(&keys(), &expected, now)
}

fn check(header: &Value, claims: &Value) -> Result<ClientAssertion, ClientAssertionRefused> {
    check_with(header, claims, Timestamp::from_seconds(NOW))
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn a_good_assertion_names_its_client_and_how_long_to_remember_it() {
    let assertion = check(&header(), &claims()).unwrap();
    assert_eq!(assertion.client_id(), CLIENT);
    assert_eq!(assertion.jti(), "j1");
    let forgotten = assertion.expires_at();
    assert_eq!(forgotten, Timestamp::from_seconds(NOW + 120));
    // While it would be taken, its `jti` is remembered, to the millisecond.
    let last = Timestamp::from_millis(forgotten.as_millis() - 1);
    assert!(check_with(&header(), &claims(), last).is_ok());
    let refused = check_with(&header(), &claims(), forgotten).unwrap_err();
    assert_eq!(refused, ClientAssertionRefused::Expired);
}

#[test]
fn every_good_form_is_taken() {
    let good = [
        with("aud", json!([ISSUER])),
        with("aud", json!("https://mcp.example.com/token")),
        with("aud", json!("https://mcp.example.com/oauth/token")),
        with("aud", json!([ISSUER, "https://mcp.example.com/token"])),
        with("exp", json!(NOW - 59)),
        with("exp", json!(NOW + 660)),
        with("exp", json!(1_800_000_060.5)),
        with("nbf", json!(NOW + 60)),
        with("iat", json!(NOW + 60)),
        without("iat"),
        with("jti", json!("é".repeat(255))),
        with("more", json!({ "ignored": true })),
    ];
    for claims in good {
        assert!(check(&header(), &claims).is_ok(), "{claims}");
    }
    for typ in [
        "JWT",
        "jwt",
        "application/jwt",
        "client-authentication+jwt",
        "application/client-authentication+jwt",
    ] {
        let header = json!({ "alg": "Ed25519", "kid": "k", "typ": typ });
        assert!(check(&header, &claims()).is_ok(), "{typ}");
    }
}

#[test]
fn every_wrong_claim_is_refused_by_name() {
    use ClientAssertionRefused as Refused;
    let cases = [
        (without("iss"), Refused::Issuer, "iss"),
        (with("iss", json!("other")), Refused::Issuer, "iss"),
        (with("iss", json!([CLIENT])), Refused::Issuer, "iss"),
        (without("sub"), Refused::Subject, "sub"),
        (with("sub", json!("other")), Refused::Subject, "sub"),
        (with("sub", json!(1)), Refused::Subject, "sub"),
        (without("aud"), Refused::Audience, "aud"),
        (with("aud", json!([])), Refused::Audience, "aud"),
        (
            with("aud", json!("https://mcp.example.com/")),
            Refused::Audience,
            "aud",
        ),
        (
            with("aud", json!("https://mcp.example.com/mcp")),
            Refused::Audience,
            "aud",
        ),
        (
            with("aud", json!("HTTPS://mcp.example.com")),
            Refused::Audience,
            "aud",
        ),
        (
            with("aud", json!(["https://other.example"])),
            Refused::Audience,
            "aud",
        ),
        (
            with("aud", json!([ISSUER, "https://other.example"])),
            Refused::Audience,
            "aud",
        ),
        (with("aud", json!([ISSUER, 1])), Refused::Audience, "aud"),
        (with("aud", json!([[ISSUER]])), Refused::Audience, "aud"),
        (without("exp"), Refused::Expiry, "exp"),
        (with("exp", json!("1800000060")), Refused::Expiry, "exp"),
        (with("exp", json!(-1)), Refused::Expiry, "exp"),
        (with("exp", json!(NOW + 661)), Refused::Expiry, "exp"),
        (with("exp", json!(1e300)), Refused::Expiry, "exp"),
        (with("exp", json!(u64::MAX)), Refused::Expiry, "exp"),
        (with("exp", json!(NOW - 60)), Refused::Expired, "exp"),
        (with("nbf", json!(NOW + 61)), Refused::NotBefore, "nbf"),
        (with("nbf", json!("now")), Refused::NotBefore, "nbf"),
        (with("iat", json!(NOW + 61)), Refused::IssuedAt, "iat"),
        (with("iat", Value::Null), Refused::IssuedAt, "iat"),
        (without("jti"), Refused::JwtId, "jti"),
        (with("jti", json!("")), Refused::JwtId, "jti"),
        (with("jti", json!("j".repeat(256))), Refused::JwtId, "jti"),
        (with("jti", json!(1)), Refused::JwtId, "jti"),
    ];
    for (claims, reason, name) in cases {
        let refused = check(&header(), &claims).unwrap_err();
        assert_eq!(refused, reason, "{claims}");
        let message = refused.to_string();
        assert!(message.contains(&format!("`{name}`")), "{message}");
    }
}

#[test]
fn what_was_made_for_something_else_is_refused() {
    for typ in [
        "at+jwt",
        "dpop+jwt",
        "oauth-id-jag+jwt",
        "",
        "application/",
        "JWT ",
    ] {
        let header = json!({ "alg": "EdDSA", "kid": "k", "typ": typ });
        let refused = check(&header, &claims()).unwrap_err();
        assert_eq!(refused, ClientAssertionRefused::TokenType, "{typ}");
    }
}

#[test]
fn only_the_clients_keys_and_algorithms_count() {
    let signature = |reason| Err(ClientAssertionRefused::Signature(reason));
    let unknown = check(&json!({ "alg": "EdDSA", "kid": "new" }), &claims());
    assert_eq!(unknown, signature(ForeignRefused::UnknownKey));
    let none = check(&json!({ "alg": "none" }), &claims());
    assert_eq!(none, signature(ForeignRefused::Algorithm));

    let jwt = sign(&header(), &claims());
    let (signed, _) = jwt.rsplit_once('.').unwrap();
    let unsigned = format!("{signed}.{}", jose::encode([0; 64]));
    let server = server();
    let mut expected = Expected {
        client_id: CLIENT,
        algorithms: ALGORITHMS,
        server: &server,
        path: "/token",
    };
    let now = Timestamp::from_seconds(NOW);
    let verify = |jwt: &str, expected: &Expected<'_>| {
        present(jwt)
            .unwrap()
            .unwrap()
            .verify(&keys(), expected, now)
    };
    let refused = verify(&unsigned, &expected);
    assert_eq!(refused, signature(ForeignRefused::WrongSignature));
    expected.algorithms = &[Algorithm::Es256];
    let refused = verify(&jwt, &expected);
    assert_eq!(refused, signature(ForeignRefused::Algorithm));
    // The keys of one client do not speak for another, whatever the assertion says.
    expected.algorithms = ALGORITHMS;
    expected.client_id = "another";
    assert_eq!(verify(&jwt, &expected), Err(ClientAssertionRefused::Issuer));
}

#[test]
fn the_parameters_come_together_and_name_one_client() {
    use ClientAssertionRefused as Refused;
    let jwt = sign(&header(), &claims());
    let kind = ("client_assertion_type", CLIENT_ASSERTION_TYPE);
    let cases: [(&[(&str, &str)], _); 7] = [
        (&[kind], Refused::Missing("client_assertion")),
        (
            &[("client_assertion", &jwt)],
            Refused::Missing("client_assertion_type"),
        ),
        (
            &[
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
                ),
                ("client_assertion", &jwt),
            ],
            Refused::Type,
        ),
        (&[("client_assertion_type", "jwt-bearer")], Refused::Type),
        (
            &[kind, ("client_assertion", &jwt), ("client_id", "other")],
            Refused::OtherClient,
        ),
        (
            &[kind, ("client_assertion", "a.b.c")],
            Refused::Signature(ForeignRefused::Malformed),
        ),
        (
            &[kind, ("client_assertion", "e30.e30.e30")],
            Refused::Subject,
        ),
    ];
    for (pairs, reason) in cases {
        let refused = PresentedAssertion::parse(&form(pairs)).unwrap_err();
        assert_eq!(refused, reason, "{pairs:?}");
    }
    let none = PresentedAssertion::parse(&form(&[("client_id", CLIENT)])).unwrap();
    assert!(none.is_none());
    let presented = PresentedAssertion::parse(&form(&[
        kind,
        ("client_assertion", &jwt),
        ("client_id", CLIENT),
    ]));
    let presented = presented.unwrap().unwrap();
    assert_eq!(presented.unverified_client_id(), CLIENT);
    assert!(!format!("{presented:?}").contains(&jwt));
}

/// Any JSON, of which hardly any is a good claim.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Value::from)
    })
}

proptest! {
    #[test]
    fn any_single_wrong_claim_refuses(name in "iss|sub|aud|exp", value in any_value()) {
        prop_assert!(check(&header(), &with(&name, value)).is_err());
    }

    #[test]
    fn an_assertion_counts_only_around_its_time(seconds in 0..2 * NOW) {
        let taken = check_with(&header(), &claims(), Timestamp::from_seconds(seconds)).is_ok();
        // Issued a minute ahead at most; expired a minute ago at most.
        prop_assert_eq!(taken, (NOW - 60..NOW + 120).contains(&seconds));
    }

    #[test]
    fn another_key_never_authenticates(seed in any::<[u8; 32]>()) {
        prop_assume!(seed != [7; 32]);
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let x = jose::encode(key.public_key().as_ref());
        let jwk = json!({ "kid": "k", "kty": "OKP", "crv": "Ed25519", "x": x });
        let keys = ForeignKeys::parse_value(&json!({ "keys": [jwk] })).unwrap();
        let presented = present(&sign(&header(), &claims())).unwrap().unwrap();
        let server = server();
        let expected = Expected { client_id: CLIENT, algorithms: ALGORITHMS, server: &server, path: "/token" };
        let refused = presented.verify(&keys, &expected, Timestamp::from_seconds(NOW));
        prop_assert_eq!(refused, Err(ForeignRefused::WrongSignature.into()));
    }
}
