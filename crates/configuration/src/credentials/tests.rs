//! What an operator may write of credentials, and what is refused with its line.

use jose::Algorithm;
use oauth::foreign_token::Claims;
use serde_json::{Value, json};

use super::*;
use crate::Configuration;

const SERVER: &str = "[[server]]\nname = \"a\"\ntoolset = true\n";
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn read(text: &str) -> Credentials {
    Configuration::read(text).unwrap();
    Credentials::read(text).unwrap()
}

fn claims(value: &Value) -> Claims {
    value.as_object().unwrap().clone()
}

fn issuer(name: &str, more: &str) -> String {
    format!(
        "[[issuer]]\nname = \"{name}\"\nissuer = \"https://{name}.example.com/\"\n\
         jwks_uri = \"https://{name}.example.com/jwks.json\"\naudience = \"postern\"\n{more}\n"
    )
}

fn key(more: &str) -> String {
    format!("[[api_key]]\nname = \"ci\"\nsha256 = \"{HASH}\"\n{more}\n")
}

#[test]
fn a_file_that_says_nothing_lets_nobody_in() {
    let silent = read(SERVER);
    assert_eq!(silent.authentication, Authentication::Required);
    assert!(silent.issuers.is_empty() && silent.api_keys.is_empty());
    let guests = "[anonymous]\nroles = [\"guest\"]\n";
    let open = read(&format!("authentication = \"none\"\n{SERVER}{guests}"));
    assert_eq!(open.authentication, Authentication::None);
    assert_eq!(open.anonymous.fixed_roles(), ["guest"]);
    assert_eq!(open.anonymous.scopes().to_string(), "mcp:tools");
}

#[test]
fn an_issuer_is_read_with_what_its_people_may() {
    let plain = issuer("plain", "");
    let full = issuer(
        "full",
        "role_claim = \"realm_access.roles\"\nscope = \"mcp:tools profile\"\n\
         algorithms = [\"RS256\", \"ES256\"]\nroles = { Directors = \"admin\" }",
    );
    let read = read(&format!("{SERVER}{plain}{full}"));
    let [plain, full] = read.issuers.as_slice() else {
        panic!("{:?}", read.issuers)
    };
    assert_eq!(plain.audience, ["postern"]);
    assert_eq!(plain.algorithms, Algorithm::ALL);
    let said = claims(&json!({"roles": ["x"]}));
    assert_eq!(plain.terms.roles(&said), ["x"]);
    assert_eq!(plain.terms.scopes().to_string(), "mcp:tools");
    assert_eq!(full.source.as_str(), "full");
    assert_eq!(full.algorithms, [Algorithm::Rs256, Algorithm::Es256]);
    let said = claims(&json!({"realm_access": {"roles": ["Directors", "x"]}}));
    assert_eq!(full.terms.roles(&said), ["admin"]);
    assert_eq!(full.terms.scopes().to_string(), "mcp:tools profile");
}

#[test]
fn a_key_is_read_with_its_end() {
    let written = |expires: &str| {
        let key = key(&format!("{expires}\nroles = [\"robot\"]"));
        read(&format!("{SERVER}{key}")).api_keys.remove(0)
    };
    let plain = written("");
    assert!(plain.has_hash(&jose::sha256(b"test")) && !plain.has_hash(&jose::sha256(b"Test")));
    assert_eq!(
        (plain.name(), plain.roles()),
        ("ci", &["robot".to_owned()][..])
    );
    let at = oauth::Timestamp::from_seconds;
    assert!(!plain.is_over(at(u32::MAX.into())));
    for expires in [
        "2027-01-15T08:00:00Z",
        "2027-01-15T09:30:00+01:30",
        "2027-01-15 08:00:00Z",
    ] {
        let key = written(&format!("expires = {expires}"));
        assert!(!key.is_over(at(1_799_999_999)), "{expires}");
        assert!(key.is_over(at(1_800_000_000)), "{expires}");
    }
}

#[test]
fn tokens_of_the_shared_secret_and_of_access_are_refined() {
    let read = read(&format!(
        "{SERVER}[jwt]\nissuer = \"shop\"\naudience = [\"a\", \"b\"]\nrole_claim = \"role\"\n\
         [access-self-hosted]\nrole_claim = \"groups\"\n[access-self-hosted.roles]\nIT = [\"admin\", \"support\"]\n"
    ));
    assert_eq!(read.jwt.issuer.as_deref(), Some("shop"));
    assert_eq!(read.jwt.audience, ["a", "b"]);
    assert_eq!(read.jwt.terms.roles(&claims(&json!({"role": "x"}))), ["x"]);
    let groups = claims(&json!({"groups": ["IT", "HR"]}));
    assert_eq!(read.access.roles(&groups), ["admin", "support"]);
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let text = format!("{text}\n{SERVER}");
        let read = Configuration::read(&text).and_then(|_| Credentials::read(&text));
        let refused = read.unwrap_err().to_string();
        let expected = format!("postern.toml line {expected}");
        assert!(
            refused.starts_with(&expected),
            "{refused}, not {expected}, for {text}"
        );
    }
}

#[test]
fn what_is_no_issuer_is_told_with_its_line() {
    let more = |more: &str| issuer("a", more);
    check(&[
        (
            &more("scopes = \"x\""),
            "6: unknown key `scopes`: did you mean `scope`?",
        ),
        (&more("scope = \"admin\""), "1: issuer `a`: `scope` must be"),
        (&more("scope = \"\""), "1: issuer `a`: `scope` must be"),
        (
            &more("algorithms = [\"HS256\"]"),
            "1: issuer `a`: `algorithms`: `HS256` is none",
        ),
        (&more("algorithms = []"), "6: "),
        (
            &more("role_claim = \"a..b\""),
            "1: issuer `a`: `role_claim` must be",
        ),
        (&more("roles = [\"x\"]"), "6: "),
    ]);
}

#[test]
fn an_issuer_without_a_place_of_its_own_is_told_with_its_line() {
    let plain = issuer("a", "");
    let without = |from: &str, to: &str| plain.replace(from, to);
    check(&[
        (&issuer("A", ""), "1: `name`: a source's name must be"),
        (
            &issuer("github", ""),
            "1: a source cannot be named twice, and `github`",
        ),
        (
            &issuer("jwt", ""),
            "1: a source cannot be named twice, and `jwt`",
        ),
        (
            &format!("{plain}{plain}"),
            "7: a source cannot be named twice, and `a`",
        ),
        (
            &(without("https://a.example.com/\"", "x\"")
                + &without("e = \"a\"", "e = \"b\"").replace("https://a.example.com/\"", "x\"")),
            "7: two issuers have the `issuer` x",
        ),
        (
            &without("audience", "audiences"),
            "5: unknown key `audiences`",
        ),
        (&without("\"postern\"", "[]"), "5: "),
        (
            &without("audience = \"postern\"\n", ""),
            "1: missing field `audience`",
        ),
        (
            &without("https://a.example.com/\"", "\""),
            "1: issuer `a`: `issuer` must be",
        ),
        (
            &without("https://a.example.com/jwks", "http://a.example.com/jwks"),
            "1: issuer `a`: `jwks_uri` must use https",
        ),
        (
            &without("https://a.example.com/jwks", "https://10.0.0.1/jwks"),
            "1: issuer `a`: `jwks_uri` must name its host by a name",
        ),
        (
            &without("/jwks.json", "/"),
            "1: issuer `a`: `jwks_uri` must have a path",
        ),
    ]);
}

#[test]
fn what_is_no_key_and_what_opens_no_door_is_told_with_its_line() {
    check(&[
        ("authentication = \"off\"", "1: unknown variant `off`"),
        ("authentication = false", "1: "),
        ("authentication = \"None\"", "1: unknown variant"),
        (
            "authenticaton = \"none\"",
            "1: unknown key `authenticaton`: did you mean",
        ),
        ("[anonymous]\nroles = \"x\"", "2: invalid type"),
        (
            "[anonymous]\nroles = [\"\"]",
            "1: [anonymous] `roles` must be",
        ),
        (
            "[anonymous]\nscope = \"x\"",
            "1: [anonymous] `scope` must be",
        ),
        (
            &key("").replace("\"ci\"", "\"c i\""),
            "1: API key `c i`: `name` must be",
        ),
        (&(key("") + &key("")), "5: two API keys are called `ci`"),
        (
            &key("").replace("9f", "9"),
            "1: API key `ci`: `sha256` must be",
        ),
        (
            &key("expires = 2027-01-15"),
            "1: API key `ci`: `expires` must be",
        ),
        (
            &key("expires = 2027-01-15T08:00:00"),
            "1: API key `ci`: `expires` must be",
        ),
        (&key("expires = \"soon\""), "4: "),
        (&key("scope = \"x\""), "1: API key `ci`: `scope` must be"),
        (&key("roles = [\" \"]"), "1: API key `ci`: `roles` must be"),
        (&key("key = \"x\""), "4: unknown key `key`"),
        ("[jwt]\nissuer = \"\"", "1: [jwt] `issuer` must be"),
        ("[jwt]\nsecret = \"x\"", "2: unknown key `secret`"),
        ("[[jwt]]\nissuer = \"x\"", "1: "),
        ("[access-self-hosted]\naud = \"x\"", "2: unknown key `aud`"),
    ]);
}

#[test]
fn what_the_page_on_credentials_shows_is_understood() {
    let page = include_str!("../../../../docs/credentials.md");
    let examples = page.split("```toml\n").skip(1);
    let examples: Vec<&str> = examples
        .map(|part| part.split("```").next().unwrap())
        .collect();
    assert_eq!(examples.len(), 4);
    for example in &examples {
        read(example);
    }
    let shared = [&TermsText::KEYS[..], &SharedText::KEYS, &IssuerText::KEYS].concat();
    for key in [&shared[..], &ApiKeyText::KEYS].concat() {
        let told = examples
            .iter()
            .any(|example| example.contains(&format!("{key} = ")));
        assert!(
            told || page.contains(&format!("`{key}`")),
            "{key} is not told"
        );
    }
}
