mod signer;

use jose::{Algorithm, ForeignRefused, encode};
use oauth::{MaxAge, Parameters, Prompting, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use self::signer::{Signer, signed};
use super::{Expected, IdTokenRefused};
use crate::discovery::Discovered;
use crate::samples::{CLIENT, OTHER_TENANT, TENANT, set, upstream, wished};
use crate::upstream::Upstream;

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://id.acme.example/a";
const ACCESS_TOKEN: &str = "access";

fn expected() -> Expected<'static> {
    Expected {
        nonce: Some("n-1"),
        access_token: ACCESS_TOKEN,
        max_age: None,
        now: Timestamp::from_seconds(NOW),
    }
}

fn max_age(seconds: u64) -> Option<MaxAge> {
    let query = format!("max_age={seconds}");
    let parameters = Parameters::parse(query.as_bytes()).unwrap();
    Prompting::parse(&parameters).unwrap().max_age
}

fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "ada",
        "aud": CLIENT,
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": "n-1",
    })
}

/// The claims with some of them otherwise; `null` at the top takes one away.
fn with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

fn known(issuer: &str) -> Discovered {
    Discovered {
        issuer: Some(issuer.to_owned()),
        ..upstream("oidc").undiscovered()
    }
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "ed" })
}

fn judged(
    upstream: &Upstream,
    issuer: &str,
    claims: &Value,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, IdTokenRefused> {
    let signer = Signer::new(7);
    let token = signer.token(&header(), &claims.to_string());
    upstream.id_token(&token, (&known(issuer), &signer.keys()), expected)
}

fn refused(changes: &Value) -> Option<IdTokenRefused> {
    judged(&upstream("oidc"), ISSUER, &with(changes), &expected()).err()
}

#[test]
fn a_good_token_says_what_it_says() {
    let found = judged(&upstream("oidc"), ISSUER, &claims(), &expected());
    assert_eq!(found.map(Value::Object), Ok(claims()));
}

#[test]
fn an_issuer_is_compared_byte_for_byte() {
    for iss in [
        json!(null),
        json!(""),
        json!("https://id.acme.example/a/"),
        json!("https://id.acme.example/A"),
        json!("https://ID.acme.example/a"),
        json!("https://id.acme.example:443/a"),
        json!("https://id.acme.example"),
        json!("http://id.acme.example/a"),
        json!("id.acme.example/a"),
        json!("https://evil.example/a"),
        json!([ISSUER]),
        json!({ "iss": ISSUER }),
    ] {
        let changes = json!({ "iss": iss });
        assert_eq!(refused(&changes), Some(IdTokenRefused::Issuer), "{iss}");
    }
    let google = "https://accounts.google.com";
    for (iss, holds) in [
        (google, true),
        ("accounts.google.com", true),
        ("accounts.google.com.evil.example", false),
        ("https://accounts.google.com/", false),
        ("http://accounts.google.com", false),
    ] {
        let claims = with(&json!({ "iss": iss }));
        let found = judged(&upstream("google"), google, &claims, &expected());
        assert_eq!(found.is_ok(), holds, "{iss}");
    }
    // What a pasted slash may do for a document it may not do for a token.
    let slashed = set("oidc", &[("oidc_issuer", "https://id.acme.example/a/")]);
    assert!(judged(&slashed, ISSUER, &claims(), &expected()).is_ok());
    let found = judged(
        &slashed,
        "https://id.acme.example/a/",
        &claims(),
        &expected(),
    );
    assert_eq!(found, Err(IdTokenRefused::Issuer));
}

#[test]
fn a_token_is_for_this_client() {
    use IdTokenRefused::{Audience, AuthorizedParty};
    let other = "another";
    for (aud, azp, reason) in [
        (json!(CLIENT), json!(null), None),
        (json!([CLIENT]), json!(null), None),
        (json!(CLIENT), json!(CLIENT), None),
        (json!([CLIENT, other]), json!(CLIENT), None),
        (json!(null), json!(null), Some(Audience)),
        (json!(null), json!(CLIENT), Some(Audience)),
        (json!(""), json!(null), Some(Audience)),
        (json!(other), json!(CLIENT), Some(Audience)),
        (json!([]), json!(CLIENT), Some(Audience)),
        (json!([other]), json!(null), Some(Audience)),
        (json!("the-client another"), json!(null), Some(Audience)),
        (json!("The-Client"), json!(null), Some(Audience)),
        (json!({ "aud": CLIENT }), json!(null), Some(Audience)),
        (json!([CLIENT, 7]), json!(null), Some(Audience)),
        (json!([CLIENT, 7]), json!(CLIENT), Some(Audience)),
        (json!([CLIENT, null]), json!(CLIENT), Some(Audience)),
        (json!([[CLIENT]]), json!(CLIENT), Some(Audience)),
        (json!(7), json!(null), Some(Audience)),
        (json!([CLIENT, other]), json!(null), Some(AuthorizedParty)),
        (json!([CLIENT, other]), json!(other), Some(AuthorizedParty)),
        (json!(CLIENT), json!(other), Some(AuthorizedParty)),
        (json!(CLIENT), json!([CLIENT]), Some(AuthorizedParty)),
        (json!(CLIENT), json!(""), Some(AuthorizedParty)),
    ] {
        let changes = json!({ "aud": aud, "azp": azp });
        assert_eq!(refused(&changes), reason, "{aud} {azp}");
    }
}

#[test]
fn an_access_token_is_signed_by_the_issuer_for_somebody_and_for_now() {
    let (workos, signer) = (upstream("workos"), Signer::new(7));
    let issuer = workos.issuer.clone().unwrap();
    let own = format!("{issuer}/user_management/the-client");
    let other = format!("{issuer}/user_management/other");
    for (name, value, reason) in [
        ("role", json!("member"), None),
        ("iss", json!(own), None),
        ("aud", json!("an-api"), None),
        ("iss", json!(other), Some(IdTokenRefused::Issuer)),
        ("iss", json!(null), Some(IdTokenRefused::Issuer)),
        ("exp", json!(NOW - 60), Some(IdTokenRefused::Expired)),
        ("sub", json!(null), Some(IdTokenRefused::Subject)),
    ] {
        let mut claims = json!({ "iss": issuer, "sub": "u", "exp": NOW + 300, "iat": NOW });
        claims[name] = value.clone();
        let token = signer.token(&header(), &claims.to_string());
        let now = Timestamp::from_seconds(NOW);
        let keys = signer.keys();
        let found = workos.access_token(&token, (&known(&issuer), &keys), now);
        assert_eq!(found.err(), reason, "{name} {value}");
        let strange = Signer::new(8).token(&header(), &claims.to_string());
        let found = workos.access_token(&strange, (&known(&issuer), &keys), now);
        assert!(matches!(found, Err(IdTokenRefused::Signature(_))));
        // What has no audience is no ID token.
        let found = workos.id_token(&token, (&known(&issuer), &keys), &expected());
        assert!(found.is_err());
    }
}

#[test]
fn times_hold_with_a_minute_to_spare() {
    use IdTokenRefused::{Expired, IssuedAt, NotBefore};
    for (name, value, reason) in [
        ("exp", json!(NOW - 59), None),
        ("exp", json!(NOW - 60), Some(Expired)),
        ("exp", json!(NOW - 61), Some(Expired)),
        ("exp", json!(NOW as f64 + 0.5), None),
        ("exp", json!(1e300), None),
        ("exp", json!(null), Some(Expired)),
        ("exp", json!((NOW + 300).to_string()), Some(Expired)),
        ("exp", json!(-1), Some(Expired)),
        ("exp", json!([NOW + 300]), Some(Expired)),
        ("exp", json!(true), Some(Expired)),
        ("nbf", json!(NOW + 60), None),
        ("nbf", json!(NOW + 61), Some(NotBefore)),
        ("nbf", json!(0), None),
        ("nbf", json!("0"), Some(NotBefore)),
        ("nbf", json!(-1), Some(NotBefore)),
        ("iat", json!(NOW + 60), None),
        ("iat", json!(NOW + 61), Some(IssuedAt)),
        ("iat", json!(null), Some(IssuedAt)),
        ("iat", json!("1"), Some(IssuedAt)),
        ("iat", json!(1e300), Some(IssuedAt)),
    ] {
        assert_eq!(refused(&json!({ name: value })), reason, "{name} {value}");
    }
}

#[test]
fn a_nonce_is_that_of_this_sign_in() {
    for nonce in [
        json!(null),
        json!(""),
        json!("n-2"),
        json!("N-1"),
        json!(["n-1"]),
        json!(1),
    ] {
        let changes = json!({ "nonce": nonce });
        assert_eq!(refused(&changes), Some(IdTokenRefused::Nonce), "{nonce}");
    }
    let anew = Expected {
        nonce: None,
        ..expected()
    };
    for nonce in [json!(null), json!("n-2")] {
        let claims = with(&json!({ "nonce": nonce }));
        assert!(judged(&upstream("oidc"), ISSUER, &claims, &anew).is_ok());
    }
}

#[test]
fn who_is_nobody_is_refused() {
    for sub in [json!(null), json!(""), json!(7), json!(["ada"])] {
        let changes = json!({ "sub": sub });
        assert_eq!(refused(&changes), Some(IdTokenRefused::Subject), "{sub}");
    }
}

#[test]
fn an_access_token_is_the_one_that_came_along() {
    let signer = Signer::new(7);
    let (oidc, keys) = (upstream("oidc"), signer.keys());
    for (algorithm, hashed, holds) in [
        (Algorithm::EdDsa, Algorithm::EdDsa, true),
        (Algorithm::Es256, Algorithm::Es256, true),
        (Algorithm::EdDsa, Algorithm::Es256, false),
        (Algorithm::Es256, Algorithm::EdDsa, false),
    ] {
        let claims = with(&json!({ "at_hash": hashed.half_hash(ACCESS_TOKEN) })).to_string();
        let token = match algorithm {
            Algorithm::Es256 => signer.es256(&claims),
            _ => signer.token(&header(), &claims),
        };
        let found = oidc.id_token(&token, (&known(ISSUER), &keys), &expected());
        assert_eq!(found.is_ok(), holds, "{algorithm} {hashed}");
    }
    let other = Algorithm::EdDsa.half_hash("another");
    let padded = format!("{}=", Algorithm::EdDsa.half_hash(ACCESS_TOKEN));
    for hash in [json!(other), json!(padded), json!(""), json!(1), json!([])] {
        let changes = json!({ "at_hash": hash });
        assert_eq!(
            refused(&changes),
            Some(IdTokenRefused::AccessToken),
            "{hash}"
        );
    }
}

#[test]
fn a_sign_in_is_as_fresh_as_was_asked() {
    let too_old = Some(IdTokenRefused::AuthenticationTime);
    for (asked, at, reason) in [
        (None, json!(0), None),
        (None, json!("yesterday"), None),
        (max_age(100), json!(null), None),
        (max_age(100), json!(NOW), None),
        (max_age(100), json!(NOW - 160), None),
        (max_age(100), json!(NOW - 161), too_old),
        (max_age(0), json!(NOW - 60), None),
        (max_age(0), json!(NOW - 61), too_old),
        (max_age(100), json!("yesterday"), too_old),
        (max_age(100), json!(NOW.to_string()), too_old),
        (max_age(100), json!(-1), too_old),
    ] {
        let expected = Expected {
            max_age: asked,
            ..expected()
        };
        let claims = with(&json!({ "auth_time": at }));
        let found = judged(&upstream("oidc"), ISSUER, &claims, &expected);
        assert_eq!(found.err(), reason, "{asked:?} {at}");
    }
}

#[test]
fn only_the_provider_signs() {
    let (signer, stranger) = (Signer::new(7), Signer::new(8));
    let claims = claims().to_string();
    let oidc = upstream("oidc");
    let refused = |token: &str, known: &Discovered| {
        let found = oidc.id_token(token, (known, &signer.keys()), &expected());
        found.err()
    };
    let signature = |reason| Some(IdTokenRefused::Signature(reason));
    let plain = format!("{}.", signed(&json!({ "alg": "none" }), &claims));
    let embedded = json!({ "alg": "EdDSA", "jwk": { "kty": "OKP", "crv": "Ed25519", "x": "AA" } });
    let twice = claims.replacen('{', r#"{"sub":"eve","#, 1);
    let cases = [
        (plain, ForeignRefused::Algorithm),
        (signer.hs256(&claims), ForeignRefused::Algorithm),
        (
            stranger.token(&header(), &claims),
            ForeignRefused::WrongSignature,
        ),
        (
            stranger.token(&embedded, &claims),
            ForeignRefused::UnknownKey,
        ),
        (
            signer.token(&json!({ "alg": "EdDSA", "kid": "new" }), &claims),
            ForeignRefused::UnknownKey,
        ),
        (
            signer.token(&json!({ "alg": "ES256", "kid": "ed" }), &claims),
            ForeignRefused::KeyMismatch,
        ),
        (
            signer.token(
                &json!({ "alg": "EdDSA", "kid": "ed", "crit": ["x"] }),
                &claims,
            ),
            ForeignRefused::Critical,
        ),
        (signer.token(&header(), &twice), ForeignRefused::Malformed),
        (signer.token(&header(), "[]"), ForeignRefused::Malformed),
        (String::new(), ForeignRefused::Malformed),
        (encode("a").repeat(20_000), ForeignRefused::TooLong),
    ];
    for (token, reason) in cases {
        let found = refused(&token, &known(ISSUER));
        assert_eq!(found, signature(reason), "{token:.200}");
        let newer = reason == ForeignRefused::UnknownKey;
        assert_eq!(found.unwrap().wants_newer_keys(), newer);
    }
    // Good, but not what this provider says that it signs with.
    let other = Discovered {
        algorithms: vec![Algorithm::Rs256],
        ..known(ISSUER)
    };
    let found = refused(&signer.es256(&claims), &other);
    assert_eq!(found, signature(ForeignRefused::Algorithm));
    assert_eq!(refused(&signer.es256(&claims), &known(ISSUER)), None);
}

#[test]
fn a_provider_of_which_nothing_is_known_signs_for_nobody() {
    let signer = Signer::new(7);
    let nobody = Discovered {
        issuer: None,
        ..known(ISSUER)
    };
    let token = signer.token(&header(), &claims().to_string());
    let found = upstream("oidc").id_token(&token, (&nobody, &signer.keys()), &expected());
    assert_eq!(found, Err(IdTokenRefused::Issuer));
}

#[test]
fn a_tenant_is_in_the_issuer_and_in_the_token() {
    use IdTokenRefused::{Issuer, Tenant};
    let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let sly = format!("x/{TENANT}");
    let issuer = &at("{tenantid}");
    for (ours, iss, tid, reason) in [
        ("common", at(TENANT), json!(TENANT), None),
        ("common", at(consumers), json!(consumers), None),
        ("organizations", at(TENANT), json!(TENANT), None),
        (
            "organizations",
            at(consumers),
            json!(consumers),
            Some(Tenant),
        ),
        (
            "Organizations",
            at(consumers),
            json!(consumers),
            Some(Tenant),
        ),
        ("common", at(TENANT), json!(OTHER_TENANT), Some(Issuer)),
        ("common", at(TENANT), json!(null), Some(Tenant)),
        ("common", at(TENANT), json!([TENANT]), Some(Tenant)),
        ("common", at(&sly), json!(sly), Some(Tenant)),
        ("common", at("a"), json!("a"), Some(Tenant)),
        ("common", at(""), json!(""), Some(Tenant)),
        (
            "common",
            at("{tenantid}"),
            json!("{tenantid}"),
            Some(Tenant),
        ),
        (
            "common",
            format!("https://evil.example/{TENANT}/v2.0"),
            json!(TENANT),
            Some(Issuer),
        ),
        (
            "common",
            format!("https://sts.windows.net/{TENANT}/"),
            json!(TENANT),
            Some(Issuer),
        ),
    ] {
        let microsoft = set("microsoft", &[("microsoft_tenant_id", ours)]);
        let claims = with(&json!({ "iss": iss, "tid": tid }));
        let found = judged(&microsoft, issuer, &claims, &expected());
        assert_eq!(found.err(), reason, "{ours}: {iss} {tid}");
    }
}

#[test]
fn a_tenant_is_the_one_that_was_asked_for() {
    use IdTokenRefused::{Issuer, Tenant};
    let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let issuer = &at(TENANT);
    for (ours, iss, tid, reason) in [
        (TENANT, at(TENANT), json!(TENANT), None),
        (TENANT, at(OTHER_TENANT), json!(OTHER_TENANT), Some(Issuer)),
        (TENANT, at(TENANT), json!(OTHER_TENANT), Some(Issuer)),
        (TENANT, at(TENANT), json!(null), Some(Tenant)),
        ("contoso.example", at(TENANT), json!(TENANT), None),
        (
            "contoso.example",
            at(OTHER_TENANT),
            json!(OTHER_TENANT),
            Some(Issuer),
        ),
    ] {
        let microsoft = set("microsoft", &[("microsoft_tenant_id", ours)]);
        let claims = with(&json!({ "iss": iss, "tid": tid }));
        let found = judged(&microsoft, issuer, &claims, &expected());
        assert_eq!(found.err(), reason, "{ours}: {iss} {tid}");
    }
}

#[test]
fn only_listed_tenants_sign_in() {
    let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let text = json!({ "tenants": [TENANT.to_ascii_uppercase()] });
    for (tenant, reason) in [(TENANT, None), (OTHER_TENANT, Some(IdTokenRefused::Tenant))] {
        let microsoft = wished("microsoft", text.clone());
        let claims = with(&json!({ "iss": at(tenant), "tid": tenant }));
        let found = judged(&microsoft, &at("{tenantid}"), &claims, &expected());
        assert_eq!(found.err(), reason, "{tenant}");
    }
}

proptest! {
    #[test]
    fn no_claim_of_another_shape_makes_a_panic_or_a_person(name in "iss|aud|azp|exp|iat|nonce|sub", number in any::<f64>(), text in ".{0,9}", which in 0..6_usize) {
        let odd = [json!(number), json!(text), json!([text]), json!({ "a": text }), json!(true), json!(null)];
        let changes = json!({ name.as_str(): odd[which] });
        let late = ["exp", "iat"].contains(&name.as_str()) && which == 0;
        let said = ["sub", "azp"].contains(&name.as_str());
        prop_assert!(late || said || refused(&changes).is_some());
    }
}
