//! Which MACs hold, under which secret.

use proptest::prelude::*;

use super::*;
use crate::encode;

const SECRET: &str = "thirty-two characters are enough";
const CLAIMS: &str = r#"{"sub":"ada"}"#;

fn token(secret: &str, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    format!(
        "{signed}.{}",
        encode(ring::hmac::sign(&key, signed.as_bytes()))
    )
}

fn verify(token: &str) -> Result<Map<String, Value>, MacRefused> {
    SharedSecret::parse("jwt_secret", SECRET)
        .unwrap()
        .verify(token)
}

#[test]
fn a_token_of_the_secret_holds_and_of_another_does_not() {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    assert_eq!(
        verify(&token(SECRET, header, CLAIMS)).unwrap()["sub"],
        "ada"
    );
    let other = SECRET.to_uppercase();
    assert_eq!(
        verify(&token(&other, header, CLAIMS)),
        Err(MacRefused::WrongMac)
    );
}

#[test]
fn claims_whose_text_has_both_characters_that_base64_has_not_are_read() {
    let claims = r#"{"sub":"ada","note":"~~~???>>>\u00ff\u00fe ÿþ ~?~?"}"#;
    let token = token(SECRET, r#"{"alg":"HS256"}"#, claims);
    let part = token.split('.').nth(1).unwrap();
    assert!(part.contains('-') && part.contains('_'), "{part}");
    assert_eq!(verify(&token).unwrap()["sub"], "ada");
}

#[test]
fn headers_that_ask_for_something_else_are_refused() {
    for (header, reason) in [
        (r#"{"alg":"none"}"#, MacRefused::Algorithm),
        (r#"{"alg":"hs256"}"#, MacRefused::Algorithm),
        (r#"{"alg":"HS384"}"#, MacRefused::Algorithm),
        (r#"{"alg":"HS512"}"#, MacRefused::Algorithm),
        (r#"{"alg":"RS256"}"#, MacRefused::Algorithm),
        (r#"{"alg":"EdDSA"}"#, MacRefused::Algorithm),
        (r#"{"alg":["HS256"]}"#, MacRefused::Malformed),
        (r#"{"typ":"JWT"}"#, MacRefused::Malformed),
        (r#"{"alg":"none","alg":"HS256"}"#, MacRefused::Malformed),
        (r#"{"alg":"HS256","crit":["exp"]}"#, MacRefused::Critical),
        (r#"{"alg":"HS256","crit":[]}"#, MacRefused::Critical),
        ("[]", MacRefused::Malformed),
        ("", MacRefused::Malformed),
    ] {
        assert_eq!(
            verify(&token(SECRET, header, CLAIMS)),
            Err(reason),
            "{header}"
        );
    }
    let long = token(SECRET, r#"{"alg":"HS256"}"#, &" ".repeat(16 * 1024));
    assert_eq!(verify(&long), Err(MacRefused::TooLong));
}

#[test]
fn a_mac_of_another_length_is_none() {
    let token = token(SECRET, r#"{"alg":"HS256"}"#, CLAIMS);
    let (signed, tag) = token.rsplit_once('.').unwrap();
    let tag = crate::decode(tag).unwrap();
    for tag in [&[][..], &tag[..31], &[&tag[..], &[0]].concat()] {
        let token = format!("{signed}.{}", encode(tag));
        assert_eq!(verify(&token), Err(MacRefused::WrongMac));
    }
}

#[test]
fn a_short_secret_is_refused_by_its_variable_and_never_shown() {
    for text in ["", "hunter2", &"x".repeat(31)] {
        let refused = SharedSecret::parse("jwt_secret", text)
            .unwrap_err()
            .to_string();
        assert!(refused.contains("`jwt_secret`"), "{refused}");
        assert!(text.is_empty() || !refused.contains(text), "{refused}");
    }
    let secret = SharedSecret::parse("jwt_secret", SECRET).unwrap();
    assert_eq!(format!("{secret:?}"), "SharedSecret(..)");
}

proptest! {
    #[test]
    fn any_altered_character_is_noticed(at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.=-]") {
        let token = token(SECRET, r#"{"alg":"HS256"}"#, CLAIMS);
        let index = at.index(token.len());
        let mut altered = token.clone();
        altered.replace_range(index..=index, &by);
        prop_assume!(altered != token);
        prop_assert!(verify(&altered).is_err());
    }
}
