//! Which tokens of others are good, and of whom they speak.

use serde_json::json;

use super::ForeignTokenRefused as R;
use super::*;

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://idp.example/";

fn claims(otherwise: &Value) -> Claims {
    let mut claims = json!({
        "iss": ISSUER, "aud": "postern", "sub": "ada", "iat": NOW, "exp": NOW + 600,
    });
    for (name, value) in otherwise.as_object().unwrap() {
        claims[name] = value.clone();
    }
    // A claim that is null here is one that is left out.
    let claims = claims.as_object().unwrap().clone();
    claims
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

fn window(otherwise: &Value, now: u64) -> Result<Window, R> {
    let audience = ["postern".to_owned(), "other".to_owned()];
    let expected = Expected {
        issuer: Some(ISSUER),
        audience: &audience,
    };
    Window::of(&claims(otherwise), expected, Timestamp::from_seconds(now))
}

#[test]
fn a_token_is_for_us_from_whom_we_expect_and_within_its_time() {
    for (otherwise, expected) in [
        (json!({}), None),
        (json!({"iss": "https://idp.example"}), Some(R::WrongIssuer)),
        (json!({"iss": "HTTPS://idp.example/"}), Some(R::WrongIssuer)),
        (json!({"iss": [ISSUER]}), Some(R::WrongIssuer)),
        (json!({"iss": null}), Some(R::WrongIssuer)),
        (json!({"aud": "other"}), None),
        (json!({"aud": ["x", "postern"]}), None),
        (json!({"aud": []}), Some(R::WrongAudience)),
        (json!({"aud": ["x"]}), Some(R::WrongAudience)),
        (json!({"aud": "Postern"}), Some(R::WrongAudience)),
        (json!({"aud": {"postern": true}}), Some(R::WrongAudience)),
        (json!({"aud": null}), Some(R::WrongAudience)),
        (json!({"exp": null}), Some(R::ExpiryMissing)),
        (json!({"exp": NOW - 59}), None),
        (json!({"exp": NOW - 60}), Some(R::Expired)),
        (json!({"exp": NOW as f64 - 59.5}), Some(R::Expired)),
        (json!({"exp": NOW as f64 + 0.5}), None),
        (json!({"exp": u64::MAX}), None),
        (json!({"exp": "never"}), Some(R::Malformed("exp"))),
        (json!({"exp": -1}), Some(R::Malformed("exp"))),
        (json!({"exp": 1e300}), Some(R::Malformed("exp"))),
        (json!({"nbf": NOW + 60}), None),
        (json!({"nbf": NOW + 61}), Some(R::NotYet)),
        (json!({"nbf": true}), Some(R::Malformed("nbf"))),
        (json!({"iat": NOW + 60}), None),
        (json!({"iat": NOW + 61}), Some(R::IssuedLater)),
        (json!({"iat": [NOW]}), Some(R::Malformed("iat"))),
        (json!({"iat": null}), None),
    ] {
        assert_eq!(window(&otherwise, NOW).err(), expected, "{otherwise}");
    }
}

#[test]
fn a_window_is_judged_at_every_use() {
    let window = window(&json!({"nbf": NOW + 30}), NOW).unwrap();
    for (now, expected) in [
        (NOW + 659, None),
        (NOW + 660, Some(R::Expired)),
        (NOW - 30, None),
        (NOW - 31, Some(R::NotYet)),
    ] {
        let checked = window.check(Timestamp::from_seconds(now));
        assert_eq!(checked.err(), expected, "{now}");
    }
}

#[test]
fn where_nobody_is_expected_neither_issuer_nor_audience_is_asked_for() {
    let expected = Expected {
        issuer: None,
        audience: &[],
    };
    let claims = claims(&json!({"iss": null, "aud": null}));
    assert!(Window::of(&claims, expected, Timestamp::from_seconds(NOW)).is_ok());
}

#[test]
fn a_subject_is_its_sources_own() {
    let (corp, jwt) = (
        Source::parse("corp").unwrap(),
        Source::parse("jwt").unwrap(),
    );
    let seed = ["sub", "userId"];
    for (otherwise, source, names, expected) in [
        (json!({}), &corp, &["sub"][..], Ok("corp:ada")),
        (json!({}), &jwt, &seed, Ok("jwt:ada")),
        (
            json!({"sub": "jwt:ada"}),
            &corp,
            &["sub"],
            Ok("corp:jwt:ada"),
        ),
        (
            json!({"sub": null, "userId": "u1"}),
            &jwt,
            &seed,
            Ok("jwt:u1"),
        ),
        (json!({"sub": null, "userId": 7}), &jwt, &seed, Ok("jwt:7")),
        (
            json!({"sub": "", "userId": "u1"}),
            &jwt,
            &seed,
            Ok("jwt:u1"),
        ),
        (
            json!({"sub": null, "userId": "u1"}),
            &corp,
            &["sub"],
            Err(R::SubjectMissing),
        ),
        (
            json!({"sub": ["ada"]}),
            &corp,
            &["sub"],
            Err(R::SubjectMissing),
        ),
        (
            json!({"sub": "a\nb"}),
            &corp,
            &["sub"],
            Err(R::Subject(SubjectRefused::Id)),
        ),
    ] {
        let found = subject(&claims(&otherwise), source, names);
        let found = found.as_ref().map(Subject::as_str);
        assert_eq!(found, expected.as_ref().copied(), "{otherwise}");
    }
}

#[test]
fn scopes_in_our_words_are_believed_and_others_leave_it_to_the_operator() {
    let otherwise = Scopes::known("mcp:tools");
    for (said, expected) in [
        (json!({}), "mcp:tools"),
        (json!({"scope": "openid profile email"}), "mcp:tools"),
        (
            json!({"scope": "mcp:tools profile offline_access"}),
            "mcp:tools profile",
        ),
        (json!({"scope": "mcp:read"}), ""),
        (json!({"scp": ["mcp:tools", "x"]}), "mcp:tools"),
        (json!({"scp": "profile mcp:x"}), "profile"),
        (json!({"scope": 7}), "mcp:tools"),
    ] {
        assert_eq!(
            scopes(&claims(&said), &otherwise).to_string(),
            expected,
            "{said}"
        );
    }
}

#[test]
fn a_person_is_called_something_where_their_scopes_show_it() {
    let said = json!({"name": "Ada", "email": "ada@example.com", "given_name": "A"});
    let subject = || Subject::new(&Source::parse("corp").unwrap(), "ada").unwrap();
    let of = |said: &Value, scopes: &str| {
        let found = person(
            &claims(said),
            subject(),
            vec!["r".to_owned()],
            &Scopes::known(scopes),
        );
        assert_eq!(found.roles, ["r"]);
        let told = found.claims.as_json().contains("given_name");
        let may = scopes.contains("profile") && said.get("given_name").is_some();
        assert_eq!(told, may);
        (found.name, found.email)
    };
    let (name, email) = (Some("Ada".to_owned()), Some("ada@example.com".to_owned()));
    assert_eq!(of(&said, "mcp:tools profile"), (name.clone(), email));
    assert_eq!(of(&said, "mcp:tools"), (None, None));
    let mut unverified = said;
    unverified["email_verified"] = json!(false);
    assert_eq!(of(&unverified, "profile"), (name, None));
    let odd = json!({"name": "A\u{7}", "email": "x".repeat(201)});
    assert_eq!(of(&odd, "profile"), (None, None));
}

#[test]
fn a_client_is_named_by_the_first_claim_that_does() {
    for (said, expected) in [
        (json!({}), None),
        (json!({"azp": "b", "client_id": "a"}), Some("a")),
        (json!({"azp": "b"}), Some("b")),
        (json!({"cid": "c", "azp": 7}), Some("c")),
    ] {
        assert_eq!(client(&claims(&said)), expected, "{said}");
    }
}
